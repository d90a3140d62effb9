import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DatabaseWindow, WindowPage } from '../../workflows/contracts.ts';
import type { WindowRequest } from '../../workflows/domain/catalogue-request.ts';
import { workflowIds } from '../../workflows/domain/naming.ts';
import type { restorableWindow } from '../../workflows/restorable-window.ts';
import { instanceAttributes } from '../../workflows/steps/search-attributes.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { inLanes } from '../lanes.ts';
import { wrongInput, type Problem } from '../problem.ts';
import { windowHtml } from '../show/window-html.ts';
import { showWindows } from '../show/window-result.ts';
import { temporalProblem } from '../temporal-errors.ts';
import { ask, questionId } from './ask.ts';
import { chosenInstances } from './instances.ts';
import { settingsHere, withTemporal, taskQueueOf, type Session, type SessionOptions } from './session.ts';
import { noteMissingWorker } from './start.ts';

interface WindowQuestion {
  /** All of temporal.yaml when absent. */
  readonly instance: string | undefined;
  readonly database: string | undefined;
  readonly htmlFile: string | undefined;
}

/** All pages of an instance, or why there are none. */
export type InstanceWindow = Omit<WindowPage, 'next'> | { readonly instance: string; readonly failure: Problem };

const instancesAtOnce = 8;

export function window(question: WindowQuestion, options: SessionOptions): Promise<ExitCode> {
  const settings = settingsHere(options);
  const { instance, database } = question;
  const instances = chosenInstances(settings, instance);
  const taskQueue = taskQueueOf(settings);
  return withTemporal(options, async (session) => {
    await noteMissingWorker(session, taskQueue, 'the answer');
    const request = database === undefined ? {} : { databases: [database] };
    const windows = await inLanes(instances, instancesAtOnce, (name) =>
      readAll(session, taskQueue, { instance: name, ...request }, instances.length > 1),
    );
    if (question.htmlFile !== undefined) await writeHtml(session, question.htmlFile, windows);
    showWindows(session.screen, windows, { whole: database !== undefined });
    session.screen.data({ instances: windows });
    return windows.some((one) => 'failure' in one) ? exitCodes.failed : exitCodes.ok;
  });
}

/** @param tolerate of many instances, one that cannot be read does not hide the others */
async function readAll(
  session: Session,
  taskQueue: string,
  request: WindowRequest,
  tolerate: boolean,
): Promise<InstanceWindow> {
  const { instance } = request;
  try {
    const first = await readPage(session, taskQueue, request);
    const databases: DatabaseWindow[] = [...first.databases];
    for (let next = first.next; next !== null;) {
      const page = await readPage(session, taskQueue, { ...request, after: next });
      databases.push(...page.databases);
      next = page.next;
    }
    const { next: _next, ...whole } = first;
    return { ...whole, databases };
  } catch (error) {
    const failure = tolerate ? temporalProblem(error) : null;
    if (failure === null) throw error;
    return { instance, failure };
  }
}

function readPage(session: Session, taskQueue: string, request: WindowRequest): Promise<WindowPage> {
  const { instance, databases } = request;
  return ask<typeof restorableWindow>(session, {
    type: 'restorableWindow',
    workflowId: workflowIds.window(instance, questionId()),
    args: [request],
    taskQueue,
    summary: `Restorable window of ${instance}`,
    attributes: instanceAttributes(instance, databases),
  });
}

async function writeHtml({ screen }: Session, file: string, windows: readonly InstanceWindow[]): Promise<void> {
  const path = resolve(file);
  try {
    await writeFile(path, windowHtml(windows));
  } catch (error) {
    throw wrongInput(`Cannot write ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`);
  }
  screen.note(`Page written: ${path}`);
}
