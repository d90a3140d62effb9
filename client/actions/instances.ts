import type { RestoreRequest } from '../../workflows/domain/request.ts';
import type { InstanceSettings, Settings } from '../../workflows/domain/settings.ts';
import { wrongInput } from '../problem.ts';

/**
 * Refuses a name that nobody can know. Where restores may make instances, only the worker knows which there are; without
 * settings it is the worker who decides, too.
 */
export function requireInstance(settings: Settings | null, name: string): void {
  if (settings === null || Object.hasOwn(settings.instances, name)) return;
  if (Object.values(settings.instances).some(canBeCopied)) return;
  throw wrongInput(
    `There is no instance ${JSON.stringify(name)} in temporal.yaml.`,
    `Declared are: ${Object.keys(settings.instances).join(', ')}.`,
  );
}

/** The instance that was named, or all of temporal.yaml. */
export function chosenInstances(settings: Settings | null, name: string | undefined): readonly string[] {
  if (name !== undefined) {
    requireInstance(settings, name);
    return [name];
  }
  const all = Object.keys(settings?.instances ?? {}).sort();
  if (all.length > 0) return all;
  throw wrongInput(
    'There is no temporal.yaml here that names instances.',
    'Name an instance, or the file with --config.',
  );
}

/** A target must be declared or makeable. */
export function requireTarget(settings: Settings | null, { source, target }: RestoreRequest): void {
  if (settings === null || Object.hasOwn(settings.instances, target)) return;
  const model = settings.instances[source];
  if (model !== undefined && canBeCopied(model)) return;
  throw wrongInput(
    `The target ${JSON.stringify(target)} is not declared in temporal.yaml, and ${source} has no newInstance to make it with.`,
    `Declare the target, or add newInstance to ${source}. Declared are: ${Object.keys(settings.instances).join(', ')}.`,
  );
}

/** On Kubernetes a target is made from the source's own StatefulSet. */
function canBeCopied(instance: InstanceSettings): boolean {
  return instance.platform === 'kubernetes' || instance.newInstance !== undefined;
}
