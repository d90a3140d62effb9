import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { readRun, type RunSnapshot } from '../../client/run.ts';
import { changedSteps, runLines } from '../../client/show/progress.ts';
import type { Screen } from '../../client/show/screen.ts';
import type { RehearsalResult } from '../../workflows/runtime-e2e.ts';
import type { RehearsalHandle } from './start.ts';

const betweenLooksMs = 400;

/** Shows a rehearsal and the run that it waits for, until it ends. */
export async function follow(
  client: Client,
  handle: RehearsalHandle,
  screen: Screen,
  interrupted: AbortSignal,
): Promise<RehearsalResult> {
  interrupted.throwIfAborted();
  const ended = new AbortController();
  const result = handle.result().finally(() => ended.abort());
  const looking = look(client, handle, screen, AbortSignal.any([ended.signal, interrupted]));
  const stop = new Promise<never>((_, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason as Error), { once: true });
  });
  try {
    return await Promise.race([result, stop]);
  } finally {
    result.catch(() => undefined);
    await looking;
    screen.keep();
  }
}

async function look(client: Client, handle: RehearsalHandle, screen: Screen, stop: AbortSignal): Promise<void> {
  let seen: RunSnapshot | null = null;
  do {
    await pause(betweenLooksMs, undefined, { signal: stop }).catch(() => undefined);
    const run = await readRun(client, handle).catch(() => null);
    if (run === null) continue;
    if (screen.live)
      screen.draw([
        ...runLines({ ...run, children: [] }, screen.width),
        ...(await childLines(client, run, screen.width)),
      ]);
    else for (const line of changedSteps(seen?.progress ?? null, run.progress)) screen.note(line);
    seen = run;
  } while (!stop.aborted);
}

async function childLines(client: Client, run: RunSnapshot, width: number): Promise<string[]> {
  const lines: string[] = [];
  for (const child of run.children) {
    const snapshot = await readRun(client, client.workflow.getHandle(child)).catch(() => null);
    if (snapshot !== null) lines.push('', ...runLines(snapshot, width - 2).map((line) => `  ${line}`));
  }
  return lines;
}
