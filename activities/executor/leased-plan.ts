import { setTimeout as pause } from 'node:timers/promises';
import type { RestorePlan } from '../../workflows/contracts.ts';
import { failureType } from '../failure.ts';
import { planFrom, type MadePlan } from './plan.ts';
import { doomedManifests } from './retention/journal.ts';
import { freeLease, takeLease } from './retention/lease.ts';
import type { Roots, TaskControl, Tasks } from './tasks.ts';

type Input = Tasks['plan']['input'];

const mostLooks = 10;
const betweenLooksMs = 300;

/**
 * A lease on everything is taken before the first manifest is read, and narrowed to the plan when there is one; what a
 * retention run has begun to remove counts as gone. See docs/retention.md for why this order.
 */
export async function plan(input: Input, roots: Roots, control: TaskControl): Promise<RestorePlan> {
  const { request, restoreId, holder } = input;
  const { source: instance, databases = null } = request;
  if (holder === undefined) {
    return (await planFrom(input, roots, control, await doomedManifests(roots.store, instance))).plan;
  }
  const lease = await takeLease({ store: roots.store, instance, restoreId, holder, databases });
  try {
    const made = await planBeside(input, roots, control);
    await lease.narrow(made.manifests);
    return made.plan;
  } catch (error) {
    await freeLease({ instance, restoreId }, roots);
    throw error;
  }
}

/**
 * A retention run that sees the lease gives up what it had in mind, and its journal goes: a moment from before the window may be reachable
 * again. The journal of a run that died stays until the next one, so there is an end to waiting.
 */
async function planBeside(input: Input, roots: Roots, control: TaskControl): Promise<MadePlan> {
  for (let tries = 1; ; tries += 1) {
    const doomed = await doomedManifests(roots.store, input.request.source);
    try {
      return await planFrom(input, roots, control, doomed);
    } catch (error) {
      const lacks = ['TargetTimeNotReachable', 'UnknownDatabase'].includes(failureType(error) ?? '');
      if (!lacks || doomed.size === 0 || tries === mostLooks) throw error;
    }
    await pause(betweenLooksMs, undefined, { signal: control.signal });
  }
}
