import { waitFor } from '../host/wait.ts';
import { findProgram } from '../host/find-program.ts';
import type { ClusterPlace, ClusterState } from '../state.ts';

/** Keeps nothing over a power cut (`--unsafe-no-fsync`): its data ends with the cluster anyway. */
export async function startEtcd(place: ClusterPlace, { etcdPort }: ClusterState): Promise<void> {
  const url = etcdUrl(etcdPort);
  place.processes.launch({
    name: 'etcd',
    command: findProgram('etcd') ?? 'etcd',
    args: [
      `--data-dir=${place.file('etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      // A single member talks to no peer; port 0 is whichever is free.
      '--listen-peer-urls=http://127.0.0.1:0',
      '--unsafe-no-fsync',
      '--logger=zap',
      '--log-level=warn',
    ],
  });
  await waitFor('etcd', async () => (await fetch(`${url}/health`)).ok, {
    withinMs: 30_000,
    giveUp: () => place.processes.mustRun('etcd'),
  });
}

export const etcdUrl = (port: number): string => `http://127.0.0.1:${port}`;
