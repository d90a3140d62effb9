import type { RestoreStatement } from '../../contracts.ts';
import { bodyIsWhole, commitTicks, readMark } from '../log/block.ts';
import type { BlockHeader } from '../log/block.ts';
import { positionOf } from '../log/lsn.ts';
import { sqlError } from '../messages.ts';
import { toDatetime } from '../moment.ts';

/** Where roll forward ends. */
export interface StopRule {
  readonly kind: 'time' | 'mark';
  /**
   * 'before': this block and what follows stays out. 'after': this block is the last one that goes in. Body is only
   * looked at for marked blocks.
   */
  decide(header: BlockHeader, body: () => Buffer): 'on' | 'before' | 'after';
}

/** The last commit at or before the time goes in, and the first one after it ends the roll forward. */
function atTime(ticks: bigint): StopRule {
  return {
    kind: 'time',
    decide: (header) => (header.kind === 'transaction' && commitTicks(header) > ticks ? 'before' : 'on'),
  };
}

/** STOPATMARK = 'lsn:…' takes the transaction at that LSN in, STOPBEFOREMARK leaves it out. */
function atLsn(position: number, before: boolean): StopRule {
  return {
    kind: 'mark',
    decide: (header) => {
      if (header.position < position) return 'on';
      if (header.position > position || before) return 'before';
      return 'after';
    },
  };
}

function atMark(name: string, before: boolean, after: bigint): StopRule {
  return {
    kind: 'mark',
    decide: (header, body) => {
      if (!header.marked || commitTicks(header) < after) return 'on';
      const bytes = body();
      if (!bodyIsWhole(header, bytes) || readMark(header, bytes).mark?.name.toLowerCase() !== name) return 'on';
      return before ? 'before' : 'after';
    },
  };
}

/** @throws SqlError 4334 */
export function stopRule(statement: RestoreStatement): StopRule | undefined {
  const { stopAt, stopMark } = statement;
  if (stopAt !== undefined) return atTime(toDatetime(stopAt).ticks);
  if (stopMark === undefined) return undefined;
  const lsn = /^lsn:(\d+)$/i.exec(stopMark.name)?.[1];
  if (lsn === undefined) return atMark(stopMark.name.toLowerCase(), stopMark.before, stopMark.after?.ticks ?? 0n);
  const position = positionOf(BigInt(lsn));
  if (position === undefined) throw sqlError(4334, 'The named mark does not identify a valid LSN.');
  return atLsn(position, stopMark.before);
}
