import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../execute.ts';
import { isMissing } from '../io/errors.ts';
import type { Roots, TaskControl, TaskProgress } from '../tasks.ts';
import { resultLines, taskFailure, type Said } from './output.ts';
import { firstPages, planPages } from './plan-pages.ts';
import { stageSeveral } from './stage-several.ts';
import { unpackTask } from './task-file.ts';
import { exitCodes, isTaskName, type ProgramResult, type ProgramTask } from './tasks.ts';

interface ProgramOptions {
  readonly roots: Roots;
  /** Folder with the task. */
  readonly task: string;
  readonly signal: AbortSignal;
  readonly write: (line: string) => void;
}

/** Does what the task says, and tells how it went. */
export async function runProgram({ roots, task: folder, signal, write }: ProgramOptions): Promise<number> {
  const say = (line: Said): void => write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
  const message = (text: string): void => say({ kind: 'message', message: text });
  const started = performance.now();
  try {
    const task = await unpackTask((name) => orNull(readFile(join(folder, name))));
    message(`${task.task} begins`);
    const result = await perform(task, roots, {
      signal,
      progress: thinned((progress) => say({ kind: 'progress', progress })),
    });
    const lines = resultLines(result);
    message(`${task.task} is done after ${seconds(started)} s`);
    lines.forEach(say);
    return exitCodes.done;
  } catch (error) {
    if (signal.aborted) {
      message(`stopped after ${seconds(started)} s: ${String((signal.reason as Error).message)}`);
      return exitCodes.stopped;
    }
    const failure = taskFailure(error);
    say({ kind: 'failure', failure });
    return failure.type === null ? exitCodes.broken : exitCodes.failed;
  }
}

async function perform({ task, input }: ProgramTask, roots: Roots, control: TaskControl): Promise<ProgramResult> {
  if (task === 'stageSeveral') {
    return { output: await stageSeveral(input as Parameters<typeof stageSeveral>[0], roots, control) };
  }
  if (!isTaskName(task)) return { output: await planPages(input as Parameters<typeof planPages>[0], roots) };
  const output = await execute(task, input as Parameters<typeof execute>[1], roots, control);
  if (task !== 'plan') return { output };
  return { output, pages: await firstPages(roots.store, output as Parameters<typeof firstPages>[1]) };
}

/** Progress comes with every few kilobytes. A line a second is enough, and fewer when it goes on for hours. */
function thinned(tell: (progress: TaskProgress) => void): TaskControl['progress'] {
  const began = Date.now();
  let toldAt = 0;
  return (progress) => {
    const now = Date.now();
    const pause = Math.min(Math.max((now - began) / 600, 1_000), 10_000);
    if (now - toldAt < pause && progress.doneBytes < progress.totalBytes) return;
    toldAt = now;
    tell(progress);
  };
}

async function orNull(reading: Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
