import { readdirSync, readFileSync } from 'node:fs';
import type { OwnCluster } from '../../cluster/cluster.ts';
import { startTicks, type ProcessId } from '../../cluster/host/processes.ts';
import { clusterPlace } from '../../cluster/state.ts';

/** A process of a pod, as this machine sees it. */
export interface PodProcess {
  readonly id: ProcessId;
  readonly node: string;
  readonly command: readonly string[];
  /** Effective uid, in the machine's own terms: pods have no user namespace. */
  readonly uid: number;
}

/** All that run in pods of a cluster, by its cgroups, but for those that are only becoming a container. */
export function podProcesses({ name }: OwnCluster): readonly PodProcess[] {
  const nodes = clusterPlace(name).read()?.nodes ?? [];
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    const cgroups = pid > 0 ? readIfThere(`/proc/${pid}/cgroup`) : '';
    const node = nodes.find(({ cgroup }) => cgroups.includes(`/${cgroup}/`));
    if (node === undefined) return [];
    const command = readIfThere(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
    const ticks = startTicks(pid);
    if (ticks === null || command.length === 0 || command[0] === 'runc') return [];
    // proc(5), /proc/pid/status: real, effective, saved set, and filesystem uid.
    const [, uid] = /^Uid:\t\d+\t(\d+)/m.exec(readIfThere(`/proc/${pid}/status`)) ?? [];
    return uid === undefined ? [] : [{ id: { pid, ticks }, node: node.name, command, uid: Number(uid) }];
  });
}

export function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
