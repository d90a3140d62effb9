import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openScreen } from '../../../client/show/screen.ts';
import { temporalProblem } from '../../../client/temporal-errors.ts';
import { problemText } from '../../../client/show/problem.ts';
import { timeStamp } from '../../../workflows/domain/naming.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { usingCluster } from '../../cluster/using.ts';
import { provideImages } from '../../support/cluster/images.ts';
import { startSite, type Site } from '../../support/cluster/site.ts';
import { timesOfRestore } from '../../support/cluster/times-of-restore.ts';
import { follow } from '../follow.ts';
import { reportText } from '../report.ts';
import { startRehearsal } from '../start.ts';
import { collectEvidence } from './evidence.ts';
import { readOptions } from './options.ts';
import { timesText } from './report.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const options = readOptions(process.argv.slice(2));
const screen = openScreen(false);
const folder = join(root, '.data', 'e2e-cluster', timeStamp(new Date().toISOString()));
const evidence = join(folder, 'evidence');
const say = (line: string): void => screen.note(line);
/** Jobs are there to be looked at until the end. */
const keepJobsSeconds = 3_600;

const interrupted = new AbortController();
let cluster: Cluster | undefined;
let site: Site | undefined;
let exitCode = 1;
try {
  await mkdir(folder, { recursive: true });
  cluster = await usingCluster({ say });
  listenToSignals();
  const images = await provideImages(cluster, options.images, say);
  interrupted.signal.throwIfAborted();
  site = await startSite({
    cluster,
    namespace: options.namespace,
    folder,
    ...images,
    hostAddress: options.hostAddress ?? cluster.own?.gateway ?? '',
    keepJobsSeconds,
    say,
    interrupted: interrupted.signal,
  });
  const handle = await startRehearsal(site, options);
  const page = `/namespaces/default/workflows/${encodeURIComponent(handle.workflowId)}`;
  say(`Temporal UI: ${site.uiUrl ?? ''}${page}`);
  const result = await follow(site.client, handle, screen, interrupted.signal);
  const times = await timesOfRestore(site, result.restoreWorkflowId);
  await collectEvidence(site, result, times, evidence);
  screen.print(reportText(result, `${relative(process.cwd(), evidence) || '.'}/`, screen.width));
  screen.print(`${timesText(times, screen.width)}\n`);
  exitCode = result.decision === 'GO' ? 0 : 1;
  if (options.keep) {
    say(
      `Everything is left running. Temporal UI: ${site.uiUrl ?? ''}   export KUBECONFIG=${cluster.kubeconfig}\nCtrl-C ends it.`,
    );
    await new Promise((resolve) => interrupted.signal.addEventListener('abort', resolve, { once: true }));
  }
} catch (error) {
  if (interrupted.signal.aborted) {
    say('Interrupted: removing what was made.');
    exitCode = 130;
  } else {
    const problem = temporalProblem(error);
    say(problem ? problemText(problem) : error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
} finally {
  await end();
}
process.exit(exitCode);

/** Instead of those that end at once: what was installed must be removed, whatever comes. */
function listenToSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => interrupted.abort());
  }
}

async function end(): Promise<void> {
  try {
    await site?.stop();
    if (site !== undefined)
      await writeFile(join(evidence, 'k8s-after-removal.txt'), await whatIsLeft(site)).catch(() => undefined);
  } catch (error) {
    say(`Could not remove everything: ${(error as Error).message}`);
    exitCode = exitCode || 1;
  } finally {
    await cluster?.stop();
  }
}

/** Nothing, but namespaces that were there before. */
async function whatIsLeft({ cluster: { kubectl } }: Site): Promise<string> {
  const namespaces = await kubectl(['get', 'namespaces']);
  return `${namespaces}\n${await kubectl(['get', 'persistentvolumes,pods', '--all-namespaces'])}`;
}
