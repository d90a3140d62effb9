import type { Fleet, KnownInstance, RunStanding } from '../../activities/fleet/fleet.ts';
import { databaseStandings } from '../../workflows/domain/standing.ts';
import type { Family, Sample } from './exposition.ts';

export interface FleetFacts {
  readonly fleet: Fleet;
  /** Instances that temporal.yaml declares, whether anything is known of them or not. */
  readonly declared: readonly string[];
  readonly version: string;
}

/**
 * What is known of the fleet, as gauges. Moments and not ages: whoever asks takes them from its own clock, so that exposure grows
 * while nothing runs here. What is no longer known has no series any more.
 */
export function fleetFamilies({ fleet, declared, version }: FleetFacts): Family[] {
  const instances = fleet.instances();
  const { databases, leftOut } = fleet.shown();
  const perRun = (runs: (of: KnownInstance) => readonly RunStanding[], value: (run: RunStanding) => number): Sample[] =>
    instances.flatMap((of) =>
      runs(of).map((run) => ({ labels: { sql_instance: of.instance, kind: run.kind }, value: value(run) })),
    );
  return [
    gauge('build_info', 'Always 1; the version of this worker', [{ labels: { version }, value: 1 }]),
    gauge(
      'instance_declared',
      'Always 1; an instance that temporal.yaml declares',
      declared.map((instance) => ({ labels: { sql_instance: instance }, value: 1 })),
    ),
    gauge(
      'latest_restorable_timestamp_seconds',
      'Latest moment that a database can be restored to; of the databases that lag most',
      databases.map(({ instance, database, latestRestorableMs }) => ({
        labels: { sql_instance: instance, database },
        value: latestRestorableMs / 1000,
      })),
    ),
    gauge('databases_without_series', 'Databases left out of latest_restorable_timestamp_seconds by its limit', [
      { labels: {}, value: leftOut },
    ]),
    gauge(
      'instance_latest_restorable_timestamp_seconds',
      'Latest moment that every database of an instance with a log chain can be restored to: that of the most exposed one',
      instances.flatMap(({ instance, earliestLatestMs }) =>
        earliestLatestMs === null ? [] : [{ labels: { sql_instance: instance }, value: earliestLatestMs / 1000 }],
      ),
    ),
    gauge(
      'databases',
      'Databases of an instance, by how they stand against the store',
      instances.flatMap(({ instance, counts }) =>
        databaseStandings.map((standing) => ({
          labels: { sql_instance: instance, standing },
          value: counts[standing],
        })),
      ),
    ),
    gauge(
      'instance_observed_timestamp_seconds',
      'When a run last compared the databases of an instance with the store',
      instances.map(({ instance, observedMs }) => ({ labels: { sql_instance: instance }, value: observedMs / 1000 })),
    ),
    gauge(
      'last_run_timestamp_seconds',
      'When the last backup run of a kind ended, whatever came of it',
      perRun(
        (of) => of.lastRuns,
        (run) => run.finishedMs / 1000,
      ),
    ),
    gauge(
      'last_complete_run_timestamp_seconds',
      'When the last backup run of a kind ended in which no database failed',
      perRun(
        (of) => of.lastComplete,
        (run) => run.finishedMs / 1000,
      ),
    ),
    gauge(
      'last_run_duration_seconds',
      'How long the last backup run of a kind took',
      perRun(
        (of) => of.lastRuns,
        (run) => run.seconds,
      ),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `mssql_pitr_${name}`, type: 'gauge', help, samples };
}
