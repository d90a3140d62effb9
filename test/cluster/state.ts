import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Addresses } from './host/addresses.ts';
import { processesIn, type ProcessId, type Processes } from './host/processes.ts';
import type { Tokens } from './control-plane/credentials.ts';

/** All that is known of a cluster; written before each thing is made that it names, so that a later process can unmake it. */
export interface ClusterState {
  readonly name: string;
  readonly addresses: Addresses;
  readonly tokens: Tokens;
  readonly nodes: readonly NodeState[];
  /** Port of etcd on 127.0.0.1. */
  readonly etcdPort: number;
  readonly ready: boolean;
  /** The process whose end is the cluster's end; null: it stays until somebody stops it. */
  readonly owner: ProcessId | null;
}

export interface NodeState {
  readonly name: string;
  readonly address: string;
  readonly podSubnet: string;
  /** Its link's end on the cluster's bridge. */
  readonly link: string;
  /** Folder in every cgroup hierarchy. */
  readonly cgroup: string;
}

/** One cluster's place on this machine. */
export interface ClusterPlace {
  readonly name: string;
  readonly folder: string;
  readonly logs: string;
  readonly processes: Processes;
  /** A file of the cluster. */
  file(...path: readonly string[]): string;
  read(): ClusterState | null;
  write(state: ClusterState): Promise<void>;
  /** All but the logs. */
  remove(): Promise<void>;
}

const root = fileURLToPath(new URL('../../.data/cluster/', import.meta.url));

export function clusterPlace(name: string): ClusterPlace {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) throw new Error(`${name}: not a name for a cluster (a-z, 0-9, -)`);
  const folder = join(root, name);
  const logs = join(folder, 'logs');
  const stateFile = join(folder, 'state.json');
  return {
    name,
    folder,
    logs,
    processes: processesIn(join(folder, 'processes'), logs),
    file: (...path) => join(folder, ...path),
    read: () => (existsSync(stateFile) ? (JSON.parse(readFileSync(stateFile, 'utf8')) as ClusterState) : null),
    async write(state) {
      await mkdir(folder, { recursive: true });
      await writeFile(`${stateFile}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
      await rename(`${stateFile}.new`, stateFile);
    },
    async remove() {
      const entries = existsSync(folder) ? await readdir(folder) : [];
      // The state goes last: until then a stop that was interrupted can be done again.
      const order = entries.filter((entry) => entry !== 'logs').sort((a) => (a === 'state.json' ? 1 : -1));
      for (const entry of order) await rm(join(folder, entry), { recursive: true, force: true });
    },
  };
}

export const lockFile = (name: string): string => join(root, `${name}.lock`);

export async function clusterNames(): Promise<string[]> {
  if (!existsSync(root)) return [];
  const entries = await readdir(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
