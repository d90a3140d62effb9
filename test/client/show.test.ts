import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseValidation } from '../../client/commands/restore.ts';
import type { RunSnapshot } from '../../client/run.ts';
import { changedSteps, heartbeatText, runLines } from '../../client/show/progress.ts';
import { fit, table } from '../../client/show/table.ts';
import { duration, moment, plain } from '../../client/show/text.ts';
import type { Progress, Step } from '../../workflows/domain/runbook.ts';

describe('times', () => {
  it('are shown as UTC and as the reader sees them on the clock', () => {
    assert.equal(
      moment('2026-02-10T06:54:34.123Z', 'Asia/Bangkok'),
      '2026-02-10 06:54:34.123 UTC (here 2026-02-10 13:54:34 +07:00)',
    );
    assert.equal(
      moment('2026-07-10T23:30:00Z', 'Europe/Berlin'),
      '2026-07-10 23:30:00 UTC (here 2026-07-11 01:30:00 +02:00)',
    );
  });

  it('are shown once where the clock is UTC', () => {
    assert.equal(moment('2026-02-10T06:54:34.000Z', 'UTC'), '2026-02-10 06:54:34 UTC');
  });

  it('that are none are shown as they came', () => {
    assert.equal(moment('latest', 'UTC'), 'latest');
  });

  it('are counted in the unit that fits', () => {
    assert.deepEqual([450, 59_900, 60_000, 3_599_000, 3_600_000, 12_000_000].map(duration), [
      '0.5 s',
      '59.9 s',
      '1 min 00 s',
      '59 min 59 s',
      '1 h 00 min',
      '3 h 20 min',
    ]);
  });
});

describe('a table', () => {
  it('is never wider than the terminal, and loses no text', () => {
    const name = 'a_database_with_a_name_that_is_very_much_longer_than_the_terminal_is_wide';
    for (const width of [40, 60, 80, 200]) {
      const text = table(['database', 'state', 'n'], [[name, 'online, writable', '42']], width);
      for (const line of text.split('\n')) assert.ok(line.length <= width, `${line.length} > ${width}: ${line}`);
      const cells = text.split('\n').filter((line) => line.includes('│') && !line.includes('database │'));
      const first = cells.map((line) => line.split('│')[1]?.trim()).join('');
      assert.ok(first.includes(name), text);
    }
  });

  it('takes from the widest column first, and stops where nobody could read any more', () => {
    assert.deepEqual(fit([10, 30, 5], 35), [10, 20, 5]);
    assert.deepEqual(fit([10, 30, 5], 100), [10, 30, 5]);
    assert.deepEqual(fit([50, 50], 3), [6, 6]);
  });

  it('lets no name steer the terminal', () => {
    assert.equal(plain('db\u001b[2J\r\nx\u009b1m'), 'db [2J x 1m');
    assert.doesNotMatch(table(['n'], [['\u001b[31mred']], 80), /\u001b/);
  });
});

const step = (name: string, state: Step['state'], detail = ''): Step => ({
  name,
  state,
  detail,
  startedAt: state === 'waiting' ? '' : '2026-02-10T06:00:00.000Z',
  finishedAt: state === 'done' || state === 'failed' ? '2026-02-10T06:00:04.200Z' : '',
});

const progress = (...steps: Step[]): Progress => ({ title: 'log backup of mssql-rt', steps, facts: {}, databases: [] });

const run: RunSnapshot = {
  workflowId: 'backup/mssql-rt/log',
  runId: 'r',
  workflowType: 'backupInstance',
  state: 'RUNNING',
  startedAt: '2026-02-10T06:00:00.000Z',
  closedAt: null,
  summary: 'log backup of mssql-rt',
  progress: progress(step('Open', 'done', 'fake'), step('Back up', 'running'), step('Copy', 'waiting')),
  activities: [],
  children: [],
};

describe('progress', () => {
  const now = Date.parse('2026-02-10T06:01:05.000Z');

  it('is one line a step, with how long it took or is taking', () => {
    assert.deepEqual(runLines(run, 100, now), [
      'log backup of mssql-rt (1 min 05 s)',
      '  ✔ Open: fake, 4.2 s',
      '  ▶ Back up: 1 min 05 s',
      '  · Copy',
    ]);
  });

  it('says what goes on now, how often it was tried, and why it failed before', () => {
    const activities = [
      { name: 'restoreSteps', attempt: 3, heartbeat: { doneBytes: 1e6, totalBytes: 3e6 }, lastFailure: 'no route' },
    ];
    assert.equal(
      runLines({ ...run, activities }, 100, now).at(-1),
      '  … restoreSteps, 1.0 MB of 3.0 MB, attempt 3 after: no route',
    );
  });

  it('shows the databases that are not finished, and how many there are besides', () => {
    const databases = Array.from({ length: 20 }, (_, i) => ({
      name: `db${i}`,
      state: 'restoring',
      done: i === 0 ? 4 : 1,
      of: 4,
    }));
    const lines = runLines({ ...run, progress: { ...progress(), databases } }, 100, now);
    assert.equal(lines[1], '    ████░░░░░░░░░░░░ 1/4 db1, restoring');
    assert.equal(lines.at(-1), '    and 8 more');
  });

  it('is no wider than the terminal', () => {
    const long = { ...run, progress: progress(step('x'.repeat(300), 'running')) };
    for (const line of runLines(long, 60, now)) assert.ok(line.length <= 60);
  });

  it('as a log names only the steps that have changed', () => {
    const before = progress(step('Open', 'running'), step('Back up', 'waiting'));
    const after = progress(step('Open', 'done', 'fake'), step('Back up', 'running'));
    assert.deepEqual(changedSteps(before, after), ['✔ Open: fake, 4.2 s', '▶ Back up']);
    assert.deepEqual(changedSteps(after, after), []);
    assert.deepEqual(changedSteps(null, after).length, 2);
  });

  it('of an activity is shown whatever it says', () => {
    const cases: [unknown, string][] = [
      [null, ''],
      ['half', 'half'],
      [{ done: 3, of: 100, failed: 1, running: { db1: '42 %', db2: '7 %' } }, '3 of 100, failed 1, db1 42 %, db2 7 %'],
      [{ file: 'db1.bak', doneBytes: 500_000, totalBytes: 1_000_000 }, '500 kB of 1.0 MB, file db1.bak'],
    ];
    for (const [details, text] of cases) assert.equal(heartbeatText(details), text);
  });
});

describe('--validate', () => {
  it('takes a database, a query and what is expected', () => {
    assert.deepEqual(parseValidation('db2: SELECT COUNT(*) FROM dbo.orders => 42'), {
      database: 'db2',
      query: 'SELECT COUNT(*) FROM dbo.orders',
      expect: 42,
    });
  });

  it('tells numbers, texts and NULL apart', () => {
    const expected = (text: string): unknown => parseValidation(`d: q => ${text}`).expect;
    assert.deepEqual(['42', '-1.5', 'null', '"42"', 'open', '', '007'].map(expected), [
      42,
      -1.5,
      null,
      '42',
      'open',
      '',
      '007',
    ]);
    assert.equal(expected('12345678901234567890'), '12345678901234567890');
  });

  it('leaves => and : in the query alone', () => {
    assert.deepEqual(parseValidation("db: SELECT 'a => b : c' => x"), {
      database: 'db',
      query: "SELECT 'a => b : c'",
      expect: 'x',
    });
  });

  it('takes the same as JSON, for names with a colon', () => {
    assert.deepEqual(parseValidation('{"database":"a:b","query":"SELECT 1","expect":1}'), {
      database: 'a:b',
      query: 'SELECT 1',
      expect: 1,
    });
  });

  it('refuses anything else', () => {
    for (const text of ['', 'db', 'db: SELECT 1', ': SELECT 1 => 1', '{"database":']) {
      assert.throws(() => parseValidation(text), { name: 'Problem', type: 'InvalidInput' }, text);
    }
  });
});
