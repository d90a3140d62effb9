import { chmod, chown, readdir, rm } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { instanceNamePattern } from '../../../workflows/domain/request.ts';
import type { LocalInstanceSettings, NewInstanceSettings, LocalSettings } from '../../../workflows/domain/settings.ts';
import { makeFolders } from '../../executor/io/durable.ts';
import { errnoOf, filing } from '../../executor/io/errors.ts';
import { ownerOf } from '../../executor/io/ownership.ts';
import { failure } from '../../failure.ts';
import { findInstance, newDataRoot } from './instances.ts';
import {
  forgetMade,
  newToken,
  portsTaken,
  readMade,
  updateMade,
  writeNewMade,
  type MadeInstance,
} from './made-instance.ts';
import { freePort, listens } from './ports.ts';
import { stopProcesses } from './processes.ts';
import { resolveSecret } from './secret.ts';
import { ensureRunning } from './start-server.ts';

interface CreateOptions {
  readonly settings: LocalSettings;
  readonly target: string;
  readonly source: string;
  readonly restoreId: string;
  readonly signal: AbortSignal;
}

/** Time for a checkpoint of every database at shutdown. */
const shutdownMs = 60_000;

/**
 * Makes an instance, or finds the one that an earlier attempt began and goes on with it. One that an other restore made
 * is started when it does not run, and counts as existing.
 */
export async function createTarget(options: CreateOptions): Promise<{ readonly created: boolean }> {
  const { settings, target, restoreId, signal } = options;
  const known = await findInstance(settings, target);
  if (known !== null && known.made === null) return { created: false };

  const sourceName = known?.made?.source ?? (await modelOf(options));
  const source = settings.instances[sourceName];
  if (source?.newInstance === undefined) {
    throw failure(
      'UnknownInstance',
      `The instance ${target} does not exist, and temporal.yaml does not say how to make one beside ${options.source} (newInstance)`,
    );
  }
  const password = await resolveSecret(source.login.password, `instance ${sourceName}`);
  const made = known?.made ?? (await begin(options, sourceName, source.newInstance));
  await prepareDataRoot(made, source);
  const { command } = source.newInstance;
  await ensureRunning({ made, command, source, password, withheld: withheldOf(settings), signal });
  return { created: made.restoreId === restoreId };
}

/** The declared instance that a new one is like: the source, or what the source itself was made like. */
async function modelOf({ settings, source }: CreateOptions): Promise<string> {
  const known = await findInstance(settings, source);
  return known?.made?.source ?? source;
}

/** Writes down that the instance is being made, before anything of it exists. */
async function begin(options: CreateOptions, source: string, newInstance: NewInstanceSettings): Promise<MadeInstance> {
  if (!instanceNamePattern.test(options.target)) {
    throw failure('InvalidInput', `${JSON.stringify(options.target)} is not an instance name`);
  }
  const dataRoot = newDataRoot(newInstance, options.target);
  if (!isAbsolute(newInstance.dataRoot) || !newInstance.dataRoot.includes('{name}')) {
    throw failure('TargetFailed', `newInstance.dataRoot of ${source} must be an absolute path with {name}`);
  }
  if (await holdsAnything(dataRoot)) {
    throw failure('TargetFailed', `The folder ${dataRoot} holds something that no restore made; it is left alone`);
  }
  const wanted: MadeInstance = {
    formatVersion: 1,
    name: options.target,
    source,
    restoreId: options.restoreId,
    port: await choosePort(dataRoot, newInstance),
    dataRoot,
    token: newToken(),
    process: null,
    detached: false,
  };
  await writeNewMade(wanted);
  const made = await readMade(dataRoot);
  if (made === null) throw failure('TargetFailed', `The instance ${options.target} was removed while it was made`);
  return made.token === wanted.token ? settlePort(made, newInstance) : made;
}

async function choosePort(dataRoot: string, { ports }: NewInstanceSettings): Promise<number> {
  const port = await freePort(ports, await portsTaken(dataRoot));
  if (port !== null) return port;
  throw failure('TargetFailed', `No port from ${ports[0]} to ${ports[1]} is free for a new instance`);
}

/** Two that chose the same port at the same moment both see it now, and choose again by chance. */
async function settlePort(made: MadeInstance, newInstance: NewInstanceSettings): Promise<MadeInstance> {
  let settled = made;
  while ((await portsTaken(made.dataRoot)).has(settled.port)) {
    settled = await updateMade({ ...settled, port: await choosePort(made.dataRoot, newInstance) });
  }
  return settled;
}

async function prepareDataRoot(made: MadeInstance, source: LocalInstanceSettings): Promise<void> {
  const { uid, gid } = await ownerOf(source.dataRoot);
  await filing(`make ${made.dataRoot}`, async () => {
    await makeFolders(made.dataRoot);
    await chmod(made.dataRoot, 0o770);
    await chown(made.dataRoot, uid, gid);
  });
}

/** Secrets of the worker stay with the worker. */
function withheldOf(settings: LocalSettings): readonly string[] {
  const own = Object.keys(process.env).filter((name) => name.startsWith('TEMPORAL_'));
  const passwords = Object.values(settings.instances).map(({ login }) => login.password);
  return [...own, ...passwords.flatMap((reference) => ('env' in reference ? [reference.env] : []))];
}

async function holdsAnything(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length > 0;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Ends the server and removes its data, when this restore made it. What was begun is finished by the next attempt. */
export async function removeTarget(settings: LocalSettings, target: string, restoreId: string): Promise<boolean> {
  const known = await findInstance(settings, target);
  const made = known?.made ?? null;
  if (known === null || made === null || made.restoreId !== restoreId) return false;
  await stopProcesses({ token: made.token, patienceMs: shutdownMs });
  if (made.detached && (await listens(known.settings.host, made.port))) {
    throw failure(
      'TargetFailed',
      `The server of ${target} was started in the background by its command and cannot be ended from here; end it, then remove ${made.dataRoot}`,
    );
  }
  await filing(`remove ${made.dataRoot}`, () => rm(made.dataRoot, { recursive: true, force: true }));
  await forgetMade(made);
  return true;
}
