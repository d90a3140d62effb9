import type { WorkflowHandle } from '@temporalio/client';
import { commandName } from '../command-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { readRun, type RunSnapshot } from '../run.ts';
import { problemText } from '../show/problem.ts';
import { runLines } from '../show/progress.ts';
import { showResult } from '../show/result.ts';
import type { Screen } from '../show/screen.ts';
import { table } from '../show/table.ts';
import { duration, moment } from '../show/text.ts';
import { failureDetails, temporalProblem } from '../temporal-errors.ts';
import { carriesResult, follow } from './follow.ts';
import { withTemporal, type SessionOptions } from './session.ts';

const types = [
  'backupInstance',
  'restoreToPointInTime',
  'runtimeE2E',
  'verifyStore',
  'importBackups',
  'applyRetention',
];

/** The newest runs first. The list comes from Temporal's visibility store, which lags a little. */
export function list(limit: number, options: SessionOptions): Promise<ExitCode> {
  return withTemporal(options, async ({ client, screen }) => {
    const query = `WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')})`;
    const runs: { workflowId: string; state: string; startedAt: string; closedAt: string | null }[] = [];
    for await (const run of client.workflow.list({ query, pageSize: Math.min(limit, 200) })) {
      runs.push({
        workflowId: run.workflowId,
        state: run.status.name,
        startedAt: run.startTime.toISOString(),
        closedAt: run.closeTime?.toISOString() ?? null,
      });
      if (runs.length === limit) break;
    }
    screen.data(runs);
    if (runs.length === 0) screen.print(`There are no runs yet. Start one: ${commandName} backup --help`);
    else screen.print(table(['run', 'state', 'started', 'took'], runs.map(listRow), screen.width));
    return exitCodes.ok;
  });
}

function listRow(run: { workflowId: string; state: string; startedAt: string; closedAt: string | null }): string[] {
  const took = Date.parse(run.closedAt ?? new Date().toISOString()) - Date.parse(run.startedAt);
  const started = moment(run.startedAt.replace(/\.\d+/, ''));
  return [run.workflowId, stateText(run.state), started, duration(took)];
}

export function show(workflowId: string, options: SessionOptions & { readonly watch: boolean }): Promise<ExitCode> {
  return withTemporal(options, async (session) => {
    const { client, screen } = session;
    const handle = client.workflow.getHandle(workflowId);
    const run = await readRun(client, handle);
    const present = (on: Screen, result: unknown): void => showResult(on, run.workflowType, result);
    if (options.watch) return follow(session, handle, present);
    screen.print(`${workflowId}: ${stateText(run.state)}, started ${moment(run.startedAt)}`);
    for (const line of runLines(run, screen.width)) screen.print(line);
    if (run.state === 'RUNNING') screen.data(run);
    else await showEnd(screen, run, handle);
    return exitCodes.ok;
  });
}

async function showEnd(screen: Screen, run: RunSnapshot, handle: WorkflowHandle): Promise<void> {
  try {
    const result: unknown = await handle.result();
    showResult(screen, run.workflowType, result);
    screen.data({ ...run, result });
  } catch (error) {
    const problem = temporalProblem(error);
    if (problem === null) throw error;
    const [details] = failureDetails(error);
    if (carriesResult(problem.type) && details) showResult(screen, run.workflowType, details);
    screen.print(problemText(problem));
    screen.data({ ...run, failure: problem, ...(details ? { details } : {}) });
  }
}

function stateText(state: string): string {
  return state.toLowerCase().replaceAll('_', ' ');
}
