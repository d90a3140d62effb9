import type { KnownSet } from '../store/known-sets.ts';
import type { Protection } from '../../../workflows/domain/retention.ts';
import { holdsOf, holdsSet, type StoredHold } from './hold.ts';
import { leasesOf, type Lease } from './lease.ts';
import type { Found } from './documents.ts';

/** Leases and holds of an instance as they are at one moment. */
export interface Protections {
  of(database: string, folder: string, sets: readonly KnownSet[]): readonly Protection[];
  /** Epoch milliseconds that holds keep restorable. */
  momentsOf(database: string): readonly number[];
}

/** @param ended restores that run no more: their leases do not count */
export async function readProtections(store: string, instance: string, ended: readonly string[]): Promise<Protections> {
  const leases = (await leasesOf(store, instance).all()).filter(
    ({ content }) => content === null || !ended.includes(content.restoreId),
  );
  const holds = await holdsOf(store, instance).all();
  return {
    of(database, folder, sets) {
      const kept: Protection[] = [];
      const add = (reason: string, names: (set: KnownSet) => boolean): void => {
        for (const one of sets) if (names(one)) kept.push({ setId: one.set.id, reason });
      };
      for (const lease of leases) add(leaseText(lease), leaseNames(lease, database, folder));
      for (const hold of holds) add(holdText(hold), ({ set }) => hold.content === null || holdsSet(hold.content, set));
      return kept;
    },
    momentsOf: (database) =>
      holds.flatMap(({ content }) =>
        content !== null && content.database === database && content.at !== null ? [Date.parse(content.at)] : [],
      ),
  };
}

/** What cannot be read may name anything. */
function leaseNames({ content }: Found<Lease>, database: string, folder: string): (set: KnownSet) => boolean {
  if (content === null) return () => true;
  if (content.databases !== null && !content.databases.includes(database)) return () => false;
  if (content.manifests === null) return () => true;
  const named = new Set(content.manifests);
  return ({ manifest }) => named.has(`${folder}/${manifest}`);
}

function leaseText({ name, content }: Found<Lease>): string {
  if (content === null) return `the lease ${name} cannot be read, and may name it`;
  return `the restore ${content.restoreId} reads it`;
}

function holdText({ name, content }: Found<StoredHold>): string {
  if (content === null) return `the hold ${name} cannot be read, and may name it`;
  return `held by hand: ${content.reason} (${content.id})`;
}
