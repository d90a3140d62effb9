import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openScreen } from '../../client/show/screen.ts';
import { temporalProblem } from '../../client/temporal-errors.ts';
import { problemText } from '../../client/show/problem.ts';
import { timeStamp } from '../../workflows/domain/naming.ts';
import type { Services } from '../support/services.ts';
import { collectEvidence } from './evidence.ts';
import { follow } from './follow.ts';
import { readOptions } from './options.ts';
import { reportText } from './report.ts';
import { startRehearsalStack } from './stack.ts';
import { startRehearsal } from './start.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const options = readOptions(process.argv.slice(2));
const screen = openScreen(false);
const folder = join(root, '.data', 'e2e', timeStamp(new Date().toISOString()));

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Instead of the tests' handlers, which end at once: what a restore made is not a child of this process and must be stopped.
  process.removeAllListeners(signal);
  process.on(signal, () => interrupted.abort());
}

let stack: Services | undefined;
let exitCode = 1;
try {
  await mkdir(folder, { recursive: true });
  screen.note('Starting a Temporal server, a SQL Server (simulated unless --source is given) and a worker …');
  stack = await startRehearsalStack(folder, options);
  interrupted.signal.throwIfAborted();
  const handle = await startRehearsal(stack, options);
  screen.note(
    `Temporal UI: ${stack.temporal.uiUrl}/namespaces/default/workflows/${encodeURIComponent(handle.workflowId)}`,
  );
  const result = await follow(stack.client, handle, screen, interrupted.signal);
  const evidence = await collectEvidence(stack, result, folder);
  screen.print(reportText(result, `${relative(process.cwd(), evidence) || '.'}/`, screen.width));
  exitCode = result.decision === 'GO' ? 0 : 1;
  if (options.keep) {
    screen.note(
      `Everything is left running. Temporal UI: ${stack.temporal.uiUrl}   configuration: ${stack.configPath}\nCtrl-C ends it.`,
    );
    await new Promise((resolve) => interrupted.signal.addEventListener('abort', resolve, { once: true }));
  }
} catch (error) {
  if (interrupted.signal.aborted) {
    screen.note('Interrupted: stopping what was started.');
    exitCode = 130;
  } else {
    const problem = temporalProblem(error);
    screen.note(
      problem ? problemText(problem) : error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }
} finally {
  await stack?.stop();
}
process.exit(exitCode);
