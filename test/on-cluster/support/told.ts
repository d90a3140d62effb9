import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Site } from './site.ts';

/** A text that somebody can read, and where. */
export interface Told {
  readonly where: string;
  readonly text: string;
}

/** Everything of the namespace but its Secrets: specifications, states, events. */
export async function objectsOf({ cluster, kubectl }: Site): Promise<Told[]> {
  const kinds = await kindsOf(cluster);
  return [{ where: 'objects', text: await kubectl('get', kinds.join(','), '-o', 'json') }];
}

async function kindsOf(cluster: Cluster): Promise<readonly string[]> {
  const text = await cluster.kubectl(['api-resources', '--namespaced', '--verbs=list', '-o', 'name']);
  return text.split('\n').filter((name) => name !== '' && name !== 'secrets');
}

/** What pods say, and said before their containers' last restart. */
export async function logsOf({ pods, kubectl }: Site): Promise<Told[]> {
  const told: Told[] = [];
  for (const { metadata } of await pods.list()) {
    const text = await kubectl('logs', metadata.name, '--all-containers', '--ignore-errors');
    told.push({ where: `log of ${metadata.name}`, text });
  }
  return told;
}

/** What is in a folder of this machine: logs of the cluster's own parts, and what it keeps of pods. */
export async function filesOf(folder: string, wanted: (path: string) => boolean = () => true): Promise<Told[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.filter(wanted).map(async (where) => ({ where, text: await readFile(where, 'latin1') })));
}

/** Everything that Temporal keeps of every run: inputs, results, failures, memos, details, in plain text. */
export async function historiesOf(client: Client): Promise<Told[]> {
  const told: Told[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const described = (await handle.describe()).raw;
    told.push({ where: `history of ${workflowId}`, text: plainText(await handle.fetchHistory()) });
    told.push({ where: `description of ${workflowId}`, text: plainText(described) });
  }
  return told;
}

/** Payloads are bytes, which JSON would turn into numbers. */
function plainText(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    const raw = each as { readonly type?: unknown; readonly data?: unknown } | null;
    if (each instanceof Uint8Array) return Buffer.from(each).toString('utf8');
    if (raw?.type === 'Buffer' && Array.isArray(raw.data)) return Buffer.from(raw.data as number[]).toString('utf8');
    return each;
  });
}
