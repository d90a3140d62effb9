import { z } from 'zod';
import { safeName } from '../../../workflows/domain/naming.ts';
import { layout } from '../store/layout.ts';
import type { Roots } from '../tasks.ts';
import { Documents } from './documents.ts';
import type { Holder, RetentionTasks } from './tasks.ts';

const lease = z.object({
  formatVersion: z.literal(1),
  restoreId: z.string(),
  holder: z.object({ namespace: z.string(), workflowId: z.string(), runId: z.string() }),
  /** Null: all that the store holds of the instance. */
  databases: z.array(z.string()).nullable(),
  /** Paths below the store; null: every one of these databases. */
  manifests: z.array(z.string()).nullable(),
});

export type Lease = z.output<typeof lease>;

/** @param store real folder of the store */
export function leasesOf(store: string, instance: string): Documents<Lease> {
  return new Documents(store, instance, layout.leases(instance), lease);
}

interface LeaseOptions {
  readonly store: string;
  readonly instance: string;
  readonly restoreId: string;
  readonly holder: Holder;
  readonly databases: readonly string[] | null;
}

/** Takes a lease on everything, to be narrowed to what a plan needs. Taking it again widens it again. */
export async function takeLease({
  store,
  instance,
  restoreId,
  holder,
  databases,
}: LeaseOptions): Promise<{ narrow(manifests: readonly string[]): Promise<void> }> {
  const leases = leasesOf(store, instance);
  const content = (manifests: readonly string[] | null): Lease => ({
    formatVersion: 1,
    restoreId,
    holder,
    databases: databases === null ? null : [...databases],
    manifests: manifests === null ? null : [...manifests],
  });
  await leases.write(safeName(restoreId), content(null));
  return { narrow: (manifests) => leases.write(safeName(restoreId), content(manifests)) };
}

export async function freeLease(
  { instance, restoreId }: RetentionTasks['freeLease']['input'],
  { store }: Pick<Roots, 'store'>,
): Promise<RetentionTasks['freeLease']['output']> {
  const leases = leasesOf(store, instance);
  if ((await leases.read(safeName(restoreId))) !== null) await leases.remove(safeName(restoreId));
  return {};
}

export async function listLeases(
  { instance }: RetentionTasks['listLeases']['input'],
  { store }: Roots,
): Promise<RetentionTasks['listLeases']['output']> {
  const found = await leasesOf(store, instance).all();
  return {
    leases: found.flatMap(({ content }) =>
      content === null ? [] : [{ restoreId: content.restoreId, holder: content.holder }],
    ),
  };
}
