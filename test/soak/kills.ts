import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '../support/stack.ts';
import { filesBelow } from '../support/store.ts';
import { until } from '../support/until.ts';
import type { Sample } from './exposure.ts';

export interface Kill {
  readonly atMs: number;
  /** A backup lay staged, on its way to the store. */
  readonly inRun: boolean;
  /** The worker that took its place polls. */
  readonly replacedMs: number;
}

export interface KillOptions {
  readonly everyMs: number;
  readonly untilMs: number;
  /** Between 0 and 1. */
  readonly random: () => number;
}

/** How long to wait at most for a run to be killed in the middle of. */
const aimMs = 15_000;
/** About as long as a run's backups lie staged. */
const stagedMs = 300;

/**
 * Ends the worker by SIGKILL again and again, and each time starts another at once. Every other kill comes in the middle of a run,
 * somewhere from its first staged file to a while later; the rest come whenever they come.
 */
export async function killWorkers(stack: Stack, { everyMs, untilMs, random }: KillOptions): Promise<Kill[]> {
  const kills: Kill[] = [];
  for (let due = Date.now() + everyMs; due < untilMs; due += everyMs) {
    await pause(Math.max(0, due - Date.now() - (kills.length % 2 === 0 ? 0 : random() * 10_000)));
    if (kills.length % 2 === 0) {
      await until('a run to kill', async () => Date.now() > due + aimMs || hasStaged(stack));
      await pause(random() * stagedMs);
    }
    const inRun = await hasStaged(stack);
    const atMs = Date.now();
    await stack.worker.kill();
    await stack.replaceWorker();
    kills.push({ atMs, inRun, replacedMs: Date.now() });
  }
  return kills;
}

async function hasStaged({ sourceFolder }: Stack): Promise<boolean> {
  return (await filesBelow(join(sourceFolder, 'backup-mssql'))).length > 0;
}

export interface Recovery {
  readonly kill: Kill;
  /** The most exposed any database was between this kill and the next. */
  readonly peakMs: number;
  /** How long after the kill no database was over the limit any more; 0 when none ever was; null when one still was at the next. */
  readonly backAfterMs: number | null;
}

/** What each kill did to the exposure. */
export function recoveries(
  kills: readonly Kill[],
  samples: readonly Sample[],
  limitMs: number,
  endMs: number,
): Recovery[] {
  return kills.map((kill, i) => {
    const untilMs = kills[i + 1]?.atMs ?? endMs;
    const after = samples.filter(({ atMs }) => atMs >= kill.atMs && atMs < untilMs);
    const over = after.findLastIndex(({ exposureMs }) => exposureMs >= limitMs);
    const back = after[over + 1];
    return {
      kill,
      peakMs: Math.max(...after.map(({ exposureMs }) => exposureMs)),
      backAfterMs: over < 0 ? 0 : back === undefined ? null : back.atMs - kill.atMs,
    };
  });
}
