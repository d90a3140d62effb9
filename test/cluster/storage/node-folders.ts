import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../host/command.ts';
import { inNode } from '../node/namespace.ts';
import type { ClusterPlace } from '../state.ts';

export const volumeFolder = (place: ClusterPlace, node: string, volume: string): string =>
  place.file('volumes', node, volume);

export async function makeVolume(
  place: ClusterPlace,
  node: string,
  volume: string,
  bytes: number | null,
): Promise<string> {
  const folder = volumeFolder(place, node, volume);
  await mkdir(folder, { recursive: true });
  if (bytes !== null && !(await isMounted(place, node, folder))) {
    const options = `size=${bytes},mode=755`;
    await runIn(place, node, ['mount', '-t', 'tmpfs', '-o', options, volume, folder]);
  }
  return folder;
}

/** Of a volume with a limit: a disk that was full gets room again, or the other way round. */
export async function resizeVolume(place: ClusterPlace, node: string, volume: string, bytes: number): Promise<void> {
  const folder = volumeFolder(place, node, volume);
  if (!(await isMounted(place, node, folder)))
    throw new Error(`${volume} has no limit: its storage class is not limited.`);
  await runIn(place, node, ['mount', '-o', `remount,size=${bytes}`, folder]);
}

export async function removeVolume(place: ClusterPlace, node: string, volume: string): Promise<void> {
  const folder = volumeFolder(place, node, volume);
  if (await isMounted(place, node, folder)) await runIn(place, node, ['umount', folder]);
  await rm(folder, { recursive: true, force: true });
}

async function isMounted(place: ClusterPlace, node: string, folder: string): Promise<boolean> {
  const mounts = await runIn(place, node, ['cat', '/proc/self/mounts']);
  return mounts.split('\n').some((line) => line.split(' ')[1] === folder);
}

function runIn(place: ClusterPlace, node: string, [command = '', ...args]: readonly string[]): Promise<string> {
  const inside = inNode(place, node, command, args);
  return run(inside.command, inside.args);
}

/** Where this machine sees the volume's contents, whatever is mounted there in the node. */
export function volumePath(place: ClusterPlace, node: string, volume: string): string {
  const init = place.processes.running(`${node}.init`);
  if (init === null) throw new Error(`${node} is down`);
  return join(`/proc/${init.pid}/root`, volumeFolder(place, node, volume));
}
