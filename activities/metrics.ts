import { metricMeter } from '@temporalio/activity';
import type { MetricMeter } from '@temporalio/common';
import type { ActivityDeps } from './deps.ts';

export interface ExposureMetric {
  readonly database: string;
  readonly exposureSeconds: number | null;
  readonly latestRestorable: string | null;
}

/** The project's own metrics. Tags: instance, database, kind; source and target of a restore. */
export interface Metrics {
  /** The one number per database: now minus latest restorable time. */
  exposure(instance: string, databases: readonly ExposureMetric[]): void;
  backupRun(instance: string, kind: string, counts: { readonly failed: number; readonly broken: number }): void;
  committed(instance: string, sets: number, bytes: number): void;
  restore(ends: { readonly source: string; readonly target: string }, rpoSeconds: number, rtoSeconds: number): void;
}

/** Only within an activity, unless the dependencies bring a meter. */
export function openMetrics(deps: ActivityDeps): Metrics {
  const meter: MetricMeter = deps.metrics ?? metricMeter;
  return {
    exposure(instance, databases) {
      const exposure = meter.createGauge(
        'mssql_pitr_exposure',
        'float',
        's',
        'Now minus latest restorable time, when the last run ended',
      );
      const latest = meter.createGauge(
        'mssql_pitr_latest_restorable_timestamp',
        'float',
        's',
        'Latest restorable time, seconds since 1970',
      );
      for (const { database, exposureSeconds, latestRestorable } of databases) {
        if (exposureSeconds === null || latestRestorable === null) continue;
        exposure.set(exposureSeconds, { instance, database });
        latest.set(Date.parse(latestRestorable) / 1000, { instance, database });
      }
    },
    backupRun(instance, kind, { failed, broken }) {
      meter
        .createCounter('mssql_pitr_backup_runs', undefined, 'Runs that reached their end')
        .add(1, { instance, kind });
      meter
        .createCounter('mssql_pitr_backup_failures', undefined, 'Databases that a run left without a new backup')
        .add(failed, { instance, kind });
      meter
        .createGauge('mssql_pitr_broken_chains', 'int', undefined, 'Databases whose chain was not whole after a run')
        .set(broken, { instance });
    },
    committed(instance, sets, bytes) {
      meter.createCounter('mssql_pitr_committed_sets', undefined, 'Backup sets put into the store').add(sets, {
        instance,
      });
      meter.createCounter('mssql_pitr_committed_bytes', 'By', 'Bytes put into the store').add(bytes, { instance });
    },
    restore(ends, rpoSeconds, rtoSeconds) {
      meter
        .createHistogram('mssql_pitr_restore_rpo', 'float', 's', 'How long the target stayed unprotected')
        .record(rpoSeconds, ends);
      meter
        .createHistogram('mssql_pitr_restore_rto', 'float', 's', 'From the request to the end')
        .record(rtoSeconds, ends);
    },
  };
}
