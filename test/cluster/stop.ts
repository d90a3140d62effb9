import { removeBridge, removeLink } from './host/bridge.ts';
import { removeCgroup } from './host/cgroups.ts';
import { withLock } from './host/lock.ts';
import { isRunning } from './host/processes.ts';
import type { Say } from './say.ts';
import { clusterNames, clusterPlace, lockFile, type ClusterPlace } from './state.ts';

/**
 * Ends a cluster in whatever state it is, and takes away all that it made but its logs. Done again, it does nothing.
 * Mounts, pods' links and firewall rules are the nodes' own and end with them.
 */
export async function stopCluster(place: ClusterPlace): Promise<void> {
  await place.processes.killAll();
  const state = place.read();
  for (const { link, cgroup } of state?.nodes ?? []) {
    await removeLink(link);
    await removeCgroup(cgroup);
  }
  if (state !== null) await removeBridge(place.folder, state.addresses);
  await place.remove();
}

/** Clusters whose owner was killed before it could stop them. */
export async function stopOrphans(say: Say): Promise<void> {
  for (const name of await clusterNames()) {
    const place = clusterPlace(name);
    if (!isOrphan(place)) continue;
    await withLock(lockFile(name), async () => {
      if (!isOrphan(place)) return;
      say(`Stopping cluster ${name}: the process that started it is gone`);
      await stopCluster(place);
    });
  }
}

function isOrphan(place: ClusterPlace): boolean {
  const owner = place.read()?.owner ?? null;
  return owner !== null && !isRunning(owner);
}
