import assert from 'node:assert/strict';
import type { RetentionPolicy } from '../../workflows/domain/retention.ts';
import { chance } from './chance.ts';
import { Disk } from './disk.ts';
import { Figures } from './figures.ts';
import { Tenant } from './tenant.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** Number of the first instance; 0 when absent. */
  readonly first?: number;
  readonly instances: number;
  readonly databases: number;
  readonly days: number;
  /** Of the databases of every instance, so many have a real store; the others drive the pure core. */
  readonly onDisk: number;
  readonly say?: (line: string) => void;
}

const day = 24 * 3_600_000;
const policies: readonly RetentionPolicy[] = [
  { windowMs: 3 * day, minFulls: 1 },
  { windowMs: 7 * day, minFulls: 2 },
  { windowMs: 10 * day, minFulls: 3 },
];
/** Share of the days of a database on which its window is compared with the oracle: that takes longer than all the rest. */
const comparedDays = 0.2;

/**
 * A month of a fleet, instance by instance. Every day each database lives, suffers faults, is backed up, and is retained; what is
 * left is all that it has on the next day. A random seed makes a month that can be had again.
 */
export async function simulate(options: SimulationOptions): Promise<Figures> {
  const figures = new Figures();
  for (let n = 0; n < options.instances; n += 1) {
    await simulateInstance((options.first ?? 0) + n, options, figures);
    if ((n + 1) % 20 === 0)
      options.say?.(
        `from ${options.first ?? 0} on: ${n + 1} instances, ${figures.sets} backups, ${figures.removed} removed`,
      );
  }
  return figures;
}

async function simulateInstance(n: number, options: SimulationOptions, figures: Figures): Promise<void> {
  const luck = chance(options.seed * 1_000_003 + n);
  const policy = policies[n % policies.length] as RetentionPolicy;
  const disk = options.onDisk > 0 ? new Disk(`sql-${n}`) : null;
  try {
    const tenants = Array.from({ length: options.databases }, (_, i) => {
      const seed = luck.below(2 ** 31);
      return new Tenant({
        name: `db${i}`,
        seed,
        policy,
        chance: luck,
        figures,
        disk: i < options.onDisk ? disk : null,
      });
    });
    figures.instances += 1;
    figures.databases += tenants.length;
    for (let today = 1; today <= options.days; today += 1) {
      for (const tenant of tenants) {
        tenant.day();
        await tenant.hold(today);
        if (luck.happens(comparedDays)) await tenant.checkWindow(3);
        if (!tenant.onDisk) tenant.retain();
      }
      // Runs of an instance are a little apart from day to day, and one is left out now and then.
      if (disk !== null && !luck.happens(0.3))
        await retainOnDisk(
          disk,
          tenants.filter(({ onDisk }) => onDisk),
          policy,
          today,
          figures,
        );
    }
  } finally {
    disk?.close();
  }
}

async function retainOnDisk(
  disk: Disk,
  tenants: readonly Tenant[],
  policy: RetentionPolicy,
  today: number,
  figures: Figures,
): Promise<void> {
  for (const tenant of tenants.filter(({ isKnown }) => isKnown)) {
    const run = {
      instance: disk.instance,
      databases: [tenant.name],
      run: `day-${today}`,
      mode: 'apply' as const,
      endedLeases: [],
    };
    const { databases, problems } = await disk.run('retain', { ...run, policy, nowMs: tenant.nowMs });
    assert.deepEqual(problems, []);
    const left = tenant.retain();
    assert.equal(databases[0]?.kept.sets, left.length, `${tenant.name} of ${disk.instance}`);
    tenant.checkDisk();
    figures.storeRuns += 1;
  }
  if (tenants.some(({ isKnown }) => isKnown)) disk.assertFinished();
}
