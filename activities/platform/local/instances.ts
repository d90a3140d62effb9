import { resolve } from 'node:path';
import { instanceNamePattern } from '../../../workflows/domain/request.ts';
import type { LocalInstanceSettings, NewInstanceSettings, LocalSettings } from '../../../workflows/domain/settings.ts';
import { failure } from '../../failure.ts';
import { readMade, type MadeInstance } from './made-instance.ts';
import { fill } from './start-server.ts';

/** An instance that is there: declared in temporal.yaml, or made by a restore after the model of a declared one. */
export interface KnownInstance {
  readonly settings: LocalInstanceSettings;
  readonly made: MadeInstance | null;
}

/** Where a new instance of a name would lie, beside a source. */
export function newDataRoot(newInstance: NewInstanceSettings, name: string): string {
  return resolve(fill(newInstance.dataRoot, { name }));
}

/** Null when neither temporal.yaml nor a state file knows the name. */
export async function findInstance(settings: LocalSettings, name: string): Promise<KnownInstance | null> {
  const declared = Object.hasOwn(settings.instances, name) ? settings.instances[name] : undefined;
  if (declared !== undefined) return { settings: declared, made: null };
  if (!instanceNamePattern.test(name)) return null;
  for (const [model, source] of Object.entries(settings.instances)) {
    if (source.newInstance === undefined) continue;
    const dataRoot = newDataRoot(source.newInstance, name);
    const made = await readMade(dataRoot);
    if (made?.name === name && made.source === model && made.dataRoot === dataRoot) {
      return { settings: likeSource(source, made), made };
    }
  }
  return null;
}

export async function knownInstance(settings: LocalSettings, name: string): Promise<KnownInstance> {
  const found = await findInstance(settings, name);
  if (found !== null) return found;
  const names = Object.keys(settings.instances).sort();
  throw failure(
    'UnknownInstance',
    `There is no instance ${JSON.stringify(name)}; temporal.yaml has ${names.join(', ')}`,
  );
}

/** A new server has no login but sa, with the password that it was started with. */
function likeSource(source: LocalInstanceSettings, made: MadeInstance): LocalInstanceSettings {
  return {
    ...source,
    port: made.port,
    dataRoot: made.dataRoot,
    login: { user: 'sa', password: source.login.password },
  };
}
