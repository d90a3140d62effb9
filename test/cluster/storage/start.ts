import { fileURLToPath } from 'node:url';
import type { ClusterPlace } from '../state.ts';

/** Runs storage/main.ts beside the cluster. */
export function startStorage(place: ClusterPlace): void {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  place.processes.launch({ name: 'storage', command: process.execPath, args: [main, place.name] });
}
