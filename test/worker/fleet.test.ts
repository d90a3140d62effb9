import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openFleet, type InstanceStanding } from '../../activities/fleet/fleet.ts';
import { fleetFamilies } from '../../worker/metrics/families.ts';
import { exposition } from '../../worker/metrics/exposition.ts';

const minute = 60_000;
const start = Date.parse('2026-02-10T07:00:00Z');

interface Look {
  readonly at?: number;
  readonly kind?: string;
  readonly complete?: boolean;
  readonly counts?: Partial<InstanceStanding['counts']>;
}

/** Somebody looked at an instance; the latest restorable times are minutes before {@link start}. */
function look(instance: string, minutes: Record<string, number | null>, options: Look = {}): InstanceStanding {
  const { at = start, kind = 'log', complete = true, counts = {} } = options;
  const databases = Object.entries(minutes).map(([database, ago]) => ({
    database,
    latestRestorableMs: ago === null ? null : start - ago * minute,
  }));
  const known = databases.flatMap(({ latestRestorableMs }) => latestRestorableMs ?? []);
  const whole = {
    whole: known.length,
    broken: 0,
    'no-log-backup': 0,
    simple: 0,
    'no-backup': databases.length - known.length,
  };
  return {
    instance,
    observedMs: at,
    databases,
    counts: { ...whole, ...counts },
    earliestLatestMs: known.length === 0 ? null : Math.min(...known),
    run: { kind, finishedMs: at, seconds: 3, complete },
  };
}

function page(fleet: ReturnType<typeof openFleet>, declared: readonly string[] = []): string[] {
  return exposition(fleetFamilies({ fleet, declared, version: '9.9.9' })).split('\n');
}

describe('the metrics of the fleet', () => {
  it('give moments and no ages, so that exposure grows while nothing runs', () => {
    const fleet = openFleet(10);
    fleet.put(look('a', { db1: 1, db2: 7 }));
    const text = page(fleet);
    assert.ok(
      text.includes(
        `mssql_pitr_latest_restorable_timestamp_seconds{sql_instance="a",database="db2"} ${start / 1000 - 420}`,
      ),
    );
    assert.ok(
      text.includes(`mssql_pitr_instance_latest_restorable_timestamp_seconds{sql_instance="a"} ${start / 1000 - 420}`),
    );
    assert.deepEqual(page(fleet), text);
  });

  it('forget a database that a later look no longer finds', () => {
    const fleet = openFleet(10);
    fleet.put(look('a', { kept: 1, dropped: 1 }));
    fleet.put(look('a', { kept: 0 }, { at: start + minute }));
    const text = page(fleet).join('\n');
    assert.match(text, /database="kept"/);
    assert.doesNotMatch(text, /database="dropped"/);
  });

  it('do not go back to an earlier look that is heard of late', () => {
    const fleet = openFleet(10);
    fleet.put(look('a', { db1: 0 }, { at: start + minute }));
    fleet.put(look('a', { db1: 5, dropped: 5 }, { kind: 'full' }));
    const text = page(fleet).join('\n');
    assert.doesNotMatch(text, /dropped/);
    assert.match(text, /last_run_timestamp_seconds\{sql_instance="a",kind="full"\}/, 'its run counts all the same');
  });

  it('name a declared instance of which nothing is known, for it is the most exposed of all', () => {
    const text = page(openFleet(10), ['never']).join('\n');
    assert.match(text, /^mssql_pitr_instance_declared\{sql_instance="never"\} 1$/m);
    assert.doesNotMatch(text, /instance_latest_restorable_timestamp_seconds\{sql_instance="never"/);
  });

  it('count databases that have no moment at all, and give them none', () => {
    const fleet = openFleet(10);
    fleet.put(look('a', { db1: 1, fresh: null }));
    const text = page(fleet).join('\n');
    assert.match(text, /^mssql_pitr_databases\{sql_instance="a",standing="no-backup"\} 1$/m);
    assert.doesNotMatch(text, /database="fresh"/);
  });

  it('tell the last run of a kind from the last complete one', () => {
    const fleet = openFleet(10);
    fleet.put(look('a', { db1: 1 }));
    fleet.put(look('a', { db1: 1 }, { at: start + minute, complete: false }));
    const text = page(fleet).join('\n');
    assert.match(
      text,
      new RegExp(`^mssql_pitr_last_run_timestamp_seconds\\{.*kind="log"\\} ${start / 1000 + 60}$`, 'm'),
    );
    assert.match(text, new RegExp(`^mssql_pitr_last_complete_run_timestamp_seconds\\{.*\\} ${start / 1000}$`, 'm'));
  });

  it('survive any name', () => {
    const fleet = openFleet(10);
    fleet.put(look('a', { 'a"b\\c\nd': 1 }));
    assert.match(page(fleet).join('\n'), /database="a\\"b\\\\c\\nd"\} \d+$/m);
  });
});

describe('the limit of series at ten thousand databases', () => {
  const instances = Array.from({ length: 200 }, (_, i) => `sql-${String(i).padStart(3, '0')}`);
  const names = Array.from({ length: 50 }, (_, i) => `db${String(i).padStart(2, '0')}`);

  /** Every database a few seconds to a minute behind, as staggered log runs leave them; some far behind. */
  function fill(limit: number, far: Record<string, number> = {}, round = 0) {
    const fleet = openFleet(limit);
    for (const [i, instance] of instances.entries()) {
      const minutes = Object.fromEntries(
        names.map((name, j) => [name, far[`${instance}/${name}`] ?? ((i * 7 + j * 13 + round * 31) % 60) / 60]),
      );
      fleet.put(look(instance, minutes));
    }
    return fleet;
  }

  it('holds, and tells how many databases have none', () => {
    const fleet = fill(2_000);
    const text = page(fleet, instances);
    assert.equal(
      text.filter((line) => line.startsWith('mssql_pitr_latest_restorable_timestamp_seconds{')).length,
      2_000,
    );
    assert.ok(text.includes('mssql_pitr_databases_without_series 8000'));
    assert.ok(text.length < 6_000, `${text.length} lines`);
  });

  it('keeps a series for those that stay behind the others of their instance, the worst first', () => {
    const far = { 'sql-199/db49': 600, 'sql-150/db07': 45 };
    const { databases, leftOut } = fill(2, far).shown();
    assert.deepEqual(
      databases.map(({ instance, database }) => `${instance}/${database}`),
      ['sql-199/db49', 'sql-150/db07'],
    );
    assert.equal(leftOut, 9_998);
  });

  it('does not exchange series because some are a few seconds further behind at the next run', () => {
    const shown = (round: number) =>
      fill(500, {}, round)
        .shown()
        .databases.map((each) => `${each.instance}/${each.database}`);
    assert.deepEqual(shown(1), shown(0));
  });

  it('still shows every instance when no database may have a series', () => {
    const text = page(fill(0), instances);
    assert.equal(text.filter((line) => line.startsWith('mssql_pitr_latest_restorable')).length, 0);
    assert.equal(text.filter((line) => line.startsWith('mssql_pitr_instance_latest_restorable')).length, 200);
  });
});
