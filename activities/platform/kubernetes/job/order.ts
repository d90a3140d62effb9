import { createHash, randomBytes } from 'node:crypto';
import type { ProgramTask, ProgramTaskName } from '../../../executor/program/tasks.ts';
import type { Owner } from './owner.ts';

/** One piece of work for a Job. */
export interface Order<T extends ProgramTaskName = ProgramTaskName> {
  readonly instance: string;
  readonly storeOf: string;
  readonly task: ProgramTask<T>;
  readonly owner: Owner | null;
}

/**
 * Tasks that may take long, and whose outcome stays right for as long as nobody has read it: the next attempt of an
 * activity takes up the Job that the last one started. What is quick, or tells how things are at this moment, is asked
 * for anew. So is stageSeveral: its slices are those that nobody has asked for yet, so that no attempt gives the same
 * order twice.
 */
const lasting: readonly ProgramTaskName[] = ['commit', 'stage', 'plan'];

export function isLasting({ task, owner }: Order): boolean {
  return owner !== null && lasting.includes(task.task);
}

/**
 * Name of the Job. For lasting work it follows from the order, so that the same order of the same activity always meets
 * the same Job. At most 53 characters: names of its pods are longer.
 */
export function jobName(order: Order): string {
  const { instance, storeOf, task, owner } = order;
  const key = isLasting(order)
    ? createHash('sha256')
        .update(JSON.stringify([owner, instance, storeOf, task]))
        .digest('hex')
    : randomBytes(8).toString('hex');
  return `pitr-${dashed(task.task)}-${plain(instance)}-${key.slice(0, 12)}`;
}

function dashed(camelCase: string): string {
  return camelCase.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Beginning of a name of temporal.yaml. */
function plain(instance: string): string {
  return instance.slice(0, 20).replace(/-+$/, '');
}
