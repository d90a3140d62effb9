import { metricMeter } from '@temporalio/activity';
import type { MetricMeter, MetricTags } from '@temporalio/common';
import type { FailureType } from '../workflows/domain/failures.ts';
import type { ActivityDeps } from './deps.ts';
import type { InstanceStanding } from './fleet/fleet.ts';

/**
 * The project's own metrics, as activities report them; docs/metrics.md tells what each is for. `sql_instance` is the label of an
 * instance, since Prometheus calls its own targets `instance`. No label grows with databases, files or runs: what is known per
 * database is kept by {@link import('./fleet/fleet.ts').Fleet}, which bounds it.
 */
export interface Metrics {
  /** How the databases of an instance stand, at the end of a run: exposure is read from this. */
  stands(standing: InstanceStanding): void;
  backupRun(run: BackupRunMetric): void;
  /** Backup sets that went into the store. */
  committed(instance: string, sets: readonly { readonly kind: string; readonly sizeBytes: number }[]): void;
  /** A backup of another kind than asked for, to make a chain whole. @param reason from a closed list, such as BackupReason */
  mended(instance: string, reason: string, databases?: number): void;
  /** What retention removed. */
  retained(instance: string, removed: { readonly sets: number; readonly bytes: number }): void;
  /** What a reading of the store found. @param problems count by a closed list: missing, damaged, foreign, … */
  verified(instance: string, read: VerifiedMetric): void;
  restored(source: string, restore: RestoreMetric): void;
  /** A restore that failed or was cancelled, and was undone. */
  discarded(source: string): void;
}

export interface BackupRunMetric {
  readonly instance: string;
  readonly kind: string;
  readonly seconds: number;
  readonly failed: readonly { readonly type: FailureType }[];
  /** Databases whose chain is not whole after the run. */
  readonly broken: number;
}

export interface VerifiedMetric {
  readonly sets: number;
  readonly bytes: number;
  readonly problems: Readonly<Record<string, number>>;
}

export interface RestoreMetric {
  readonly rpoSeconds: number;
  readonly rtoSeconds: number;
  readonly bytes: number;
  readonly databases: number;
}

/** Only within an activity, unless the dependencies bring a meter. */
export function openMetrics(deps: ActivityDeps): Metrics {
  const meter: MetricMeter = deps.metrics ?? metricMeter;
  const count = (name: CounterName, by: number, tags: MetricTags): void =>
    meter.createCounter(`mssql_pitr_${name}`, undefined, counters[name]).add(by, tags);
  const record = (name: HistogramName, value: number, tags: MetricTags = {}): void =>
    meter.createHistogram(`mssql_pitr_${name}`, 'float', undefined, histograms[name]).record(Math.max(0, value), tags);
  return {
    stands: (standing) => deps.fleet?.put(standing),
    backupRun({ instance, kind, seconds, failed, broken }) {
      const outcome = failed.length === 0 && broken === 0 ? 'complete' : 'incomplete';
      count('backup_runs', 1, { sql_instance: instance, kind, outcome });
      record('backup_run_duration_seconds', seconds, { kind });
      for (const { type } of failed) count('backup_failures', 1, { sql_instance: instance, kind, type });
      if (broken > 0) count('chain_breaks', broken, { sql_instance: instance });
    },
    committed(instance, sets) {
      for (const [kind, ofKind] of Map.groupBy(sets, (set) => set.kind)) {
        const tags = { sql_instance: instance, kind };
        count('committed_sets', ofKind.length, tags);
        count('committed_bytes', sum(ofKind.map((set) => set.sizeBytes)), tags);
      }
    },
    mended(instance, reason, databases = 1) {
      count('mending_backups', databases, { sql_instance: instance, reason });
    },
    retained(instance, { sets, bytes }) {
      count('retention_removed_sets', sets, { sql_instance: instance });
      count('retention_removed_bytes', bytes, { sql_instance: instance });
    },
    verified(instance, { sets, bytes, problems }) {
      count('verified_sets', sets, { sql_instance: instance });
      count('verified_bytes', bytes, { sql_instance: instance });
      for (const [problem, found] of Object.entries(problems)) {
        count('store_problems', found, { sql_instance: instance, problem });
      }
    },
    restored(source, { rpoSeconds, rtoSeconds, bytes, databases }) {
      count('restores', 1, { sql_instance: source, outcome: 'complete' });
      count('restored_databases', databases, { sql_instance: source });
      count('restored_bytes', bytes, { sql_instance: source });
      record('restore_rpo_seconds', rpoSeconds);
      record('restore_rto_seconds', rtoSeconds);
    },
    discarded(source) {
      count('restores', 1, { sql_instance: source, outcome: 'discarded' });
    },
  };
}

/** The exporter adds `_total`. */
const counters = {
  backup_runs: 'Backup runs that reached their end',
  backup_failures: 'Databases that a run left without a new backup, by type of failure',
  chain_breaks: 'Databases whose chain was not whole at the end of a run',
  committed_sets: 'Backup sets put into the store',
  committed_bytes: 'Bytes put into the store',
  mending_backups: 'Backups of another kind than asked for, which make a chain whole again',
  retention_removed_sets: 'Backup sets that retention removed',
  retention_removed_bytes: 'Bytes that retention removed',
  verified_sets: 'Backup sets in the store that were read again',
  verified_bytes: 'Bytes in the store that were read again',
  store_problems: 'Files in the store that are missing, damaged or foreign, each time they were found',
  restores: 'Restores that ended, by outcome',
  restored_databases: 'Databases brought back',
  restored_bytes: 'Bytes of the backups that restores applied',
} as const;

const histograms = {
  backup_run_duration_seconds: 'From the start of a backup run to its record',
  restore_rpo_seconds: 'How long the target of a restore had stayed unprotected',
  restore_rto_seconds: 'From the request of a restore to its end',
} as const;

type CounterName = keyof typeof counters;
type HistogramName = keyof typeof histograms;

const hour = 3600;
/** From a log run of a second to a restore of a day. */
const buckets = [1, 5, 15, 30, 60, 120, 300, 600, 1800, hour, 2 * hour, 4 * hour, 8 * hour, 24 * hour];

/**
 * Puts every counter on the page at the start, at zero and without labels: a rule or a dashboard that names one then finds it on
 * a worker to which nothing has happened yet.
 */
export function announceCounters(meter: MetricMeter): void {
  for (const [name, help] of Object.entries(counters))
    meter.createCounter(`mssql_pitr_${name}`, undefined, help).add(0);
}

/** For the exporter, whose own buckets are those of an RPC. */
export const histogramBuckets: Readonly<Record<string, number[]>> = Object.fromEntries(
  Object.keys(histograms).map((name) => [`mssql_pitr_${name}`, buckets]),
);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
