import type { Client } from '@temporalio/client';
import { fail, ok, warn, type Finding } from '../../workflows/domain/finding.ts';
import { registerCommand, searchAttributes } from '../search-attributes.ts';

export interface TemporalSite {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
}

/** The server, as far as runs depend on it. */
export async function temporalFindings(site: TemporalSite): Promise<Finding[]> {
  const found = await Promise.all([
    attempt('temporal.server', () => serverFinding(site)),
    attempt('temporal.namespace', () => namespaceFinding(site)),
    attempt('temporal.search-attributes', () => attributesFinding(site)),
    attempt('temporal.worker', () => workerFinding(site)),
  ]);
  return found;
}

async function attempt(check: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    const { details } = error as { details?: unknown };
    const why = typeof details === 'string' && details !== '' ? details : (error as Error).message;
    return warn(
      check,
      `Could not be asked for: ${why}`,
      'Let the account of this client read it, or ask the administrator of Temporal.',
    );
  }
}

async function serverFinding({ client, address }: TemporalSite): Promise<Finding> {
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  return versionFinding(serverVersion ?? '', address);
}

/** Worker Versioning and task priorities came with these versions (docs.temporal.io, Worker Versioning; Task Queue Priority). */
export function versionFinding(version: string, address: string): Finding {
  const what = `Temporal ${version || 'of unknown version'} answers at ${address}`;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (version !== '' && (major > 1 || (major === 1 && minor >= 29))) return ok('temporal.server', what);
  return warn(
    'temporal.server',
    what,
    'Backups and restores work; with 1.29 or later restores also go before waiting backups, and Worker Versioning can be used.',
  );
}

const daySeconds = 86_400;

async function namespaceFinding({ client, namespace }: TemporalSite): Promise<Finding> {
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  const days = seconds / daySeconds;
  if (seconds === 0 || days >= 3)
    return ok('temporal.namespace', `Namespace ${namespace} keeps ended runs for ${days} days`);
  return warn(
    'temporal.namespace',
    `Namespace ${namespace} keeps ended runs for ${days.toFixed(1)} days only`,
    `A weekend should fit in: temporal operator namespace update --namespace ${namespace} --retention 30d`,
  );
}

async function attributesFinding({ client, namespace }: TemporalSite): Promise<Finding> {
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  const missing = searchAttributes.filter(({ name }) => customAttributes?.[name] === undefined);
  if (missing.length === 0)
    return ok('temporal.search-attributes', `All ${searchAttributes.length} search attributes are registered`);
  return fail(
    'temporal.search-attributes',
    `The namespace lacks ${missing.map(({ name }) => name).join(', ')}: runs cannot be started`,
    `Start a worker, which adds them, or run: ${registerCommand(missing, namespace)}`,
  );
}

/** temporal.api.enums.v1.TaskQueueType */
const queueTypes = { workflow: 1, activity: 2 } as const;

async function workerFinding({ client, namespace, taskQueue }: TemporalSite): Promise<Finding> {
  const pollers = async (taskQueueType: number): Promise<string[]> => {
    const answer = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType,
    });
    return (answer.pollers ?? []).map(({ identity }) => identity ?? '');
  };
  const [workflow, activity] = await Promise.all([pollers(queueTypes.workflow), pollers(queueTypes.activity)]);
  const both = workflow.filter((identity) => activity.includes(identity));
  if (both.length > 0) return ok('temporal.worker', `On task queue ${taskQueue}: ${both.join(', ')}`);
  return fail(
    'temporal.worker',
    `No worker listens on task queue ${taskQueue}: runs wait`,
    'Start one: npm run worker, or the Deployment of the chart; its log says why when it does not get ready.',
  );
}
