import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './host/command.ts';
import { startTicks, type ProcessId } from './host/processes.ts';

export interface LiveProcess extends ProcessId {
  readonly command: string;
}

/** What a machine has that a cluster could leave behind, one line for each thing. */
export async function traces(): Promise<Set<string>> {
  const links = JSON.parse(await run('ip', ['-json', 'link', 'show'])) as { ifname: string }[];
  const routes = (await run('ip', ['route', 'show', 'table', 'all']))
    .split('\n')
    .filter((line) => line.includes('pitr'));
  return new Set([
    ...links.map(({ ifname }) => `link ${ifname}`),
    ...routes.map((route) => `route ${route}`),
    ...lines('/proc/self/mounts').map((line) => `mount ${line}`),
    ...cgroups().map((path) => `cgroup ${path}`),
    ...['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward'].map(
      (name) => `setting ${name} ${lines(`/proc/sys/${name}`).join()}`,
    ),
    ...['/run', '/run/netns', '/var/lib', '/var/lib/cni', '/var/lib/kubelet', '/var/log', '/etc/cni'].flatMap(
      (folder) => entries(folder).map((name) => `file ${join(folder, name)}`),
    ),
  ]);
}

/** Namespaces of processes: a node's processes are those in one that the machine itself is not in. */
export function namespacesOf(pid: number): string[] {
  return ['mnt', 'net', 'pid'].flatMap((kind) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/${kind}`);
    } catch {
      return [];
    }
  });
}

/** Processes that name a file of this folder, or live in one of these namespaces. */
export function processesOf(folder: string, namespaces: readonly string[] = []): LiveProcess[] {
  return entries('/proc').flatMap((name) => {
    const pid = Number(name);
    const ticks = pid > 0 && pid !== process.pid ? startTicks(pid) : null;
    if (ticks === null) return [];
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
    const isIn = namespacesOf(pid).some((each) => namespaces.includes(each));
    return isIn || command.includes(folder) ? { pid, ticks, command } : [];
  });
}

function cgroups(): string[] {
  return lines('/proc/self/mounts')
    .filter((line) => /^\S+ \S+ cgroup2? /.test(line))
    .flatMap((line) => {
      const folder = line.split(' ')[1] ?? '';
      return entries(folder)
        .filter((name) => name.startsWith('mssql-pitr'))
        .map((name) => join(folder, name));
    });
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const lines = (file: string): string[] => read(file).trim().split('\n');
