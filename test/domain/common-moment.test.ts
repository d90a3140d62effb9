import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planTogether, type CommonOutcome } from '../../workflows/domain/common-moment.ts';
import { covers } from '../../workflows/domain/interval.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { everydayServers } from './support/histories.ts';
import { differential, full, log, ms } from './support/set.ts';

const first = { database: 'db1', sets: [full('10:00:00', 100), log('10:10:00', 50, 200), log('10:20:00', 200, 300)] };
const second = { database: 'db2', sets: [full('10:01:00', 100), log('10:11:00', 50, 200), log('10:19:00', 200, 300)] };
const simple = { database: 'simple', sets: [full('10:05:00', 100), full('10:30:00', 200)] };

function momentOf(outcome: CommonOutcome): number {
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.refusals.map((refusal) => refusal.reason).join(' '));
  return outcome.targetMs;
}

test('an exact moment is planned for every database', () => {
  const outcome = planTogether([first, second], ms('10:15:00'));
  assert.equal(momentOf(outcome), ms('10:15:00'));
  assert.ok(outcome.ok);
  assert.deepEqual(
    outcome.plans.map((plan) => [plan.database, plan.targetMs]),
    [
      ['db1', ms('10:15:00')],
      ['db2', ms('10:15:00')],
    ],
  );
});

test('every database that cannot go to the moment is named, not only the first', () => {
  const outcome = planTogether([first, second, { database: 'gone', sets: [] }], ms('10:30:00'));
  assert.ok(!outcome.ok);
  assert.deepEqual(
    outcome.refusals.map((refusal) => `${refusal.database} ${refusal.code}`),
    ['db1 after-last', 'db2 after-last', 'gone no-backup'],
  );
});

test('latest of several databases is the last moment they have in common', () => {
  assert.equal(momentOf(planTogether([first, second], 'latest')), ms('10:19:00'));
});

test('latest steps back over a hole of one of them', () => {
  const holed = {
    database: 'db3',
    sets: [full('10:00:00', 100), log('10:09:00', 50, 200), full('10:19:30', 400), log('10:40:00', 350, 500)],
  };
  assert.equal(momentOf(planTogether([first, holed], 'latest')), ms('10:20:00'));
  assert.equal(momentOf(planTogether([second, holed], 'latest')), ms('10:09:00'));
});

test('databases with no moment in common are refused for latest', () => {
  const early = { database: 'early', sets: [full('08:00:00', 100), log('08:10:00', 50, 200)] };
  const outcome = planTogether([first, early], 'latest');
  assert.ok(!outcome.ok);
  assert.deepEqual(
    outcome.refusals.map((refusal) => `${refusal.database} ${refusal.code}`),
    ['db1 before-first'],
  );
});

test('latest of one database is the end of its newest chain', () => {
  const outcome = planTogether([first], 'latest');
  assert.ok(outcome.ok);
  assert.equal(outcome.plans[0]?.reach, 'end-of-backups');
  assert.deepEqual(outcome.plans[0]?.logs, first.sets.slice(1));
});

test('a database without log backups comes along as its newest backup before the common moment leaves it', () => {
  const outcome = planTogether([first, simple, second], 'latest');
  assert.equal(momentOf(outcome), ms('10:19:00'));
  assert.ok(outcome.ok);
  assert.deepEqual(
    outcome.plans.map((plan) => plan.reach),
    ['nothing-between', 'end-of-backups', 'nothing-between'],
  );
  assert.equal(outcome.plans[1]?.base, simple.sets[0]);
});

test('a backup that was finished in the very second of the common moment does not count as before it', () => {
  const close = { database: 'close', sets: [full('10:05:00', 100), full('10:20:00', 200)] };
  const outcome = planTogether([first, close], 'latest');
  assert.ok(outcome.ok);
  assert.equal(outcome.plans[1]?.base, close.sets[0]);
});

test('a database whose only backup is newer than the common moment is refused', () => {
  const young = { database: 'young', sets: [full('10:30:00', 100)] };
  const outcome = planTogether([first, young], 'latest');
  assert.ok(!outcome.ok);
  assert.match(outcome.refusals[0]?.reason ?? '', /^No backup of it was finished at 2026-03-01T10:20:00Z, /);
});

test('several databases without log backups each come as their newest backup leaves them', () => {
  const base = full('09:00:00', 100);
  const other = { database: 'other', sets: [base, differential('10:10:00', 200, base)] };
  const outcome = planTogether([simple, other], 'latest');
  assert.equal(momentOf(outcome), ms('10:10:00'));
  assert.ok(outcome.ok && outcome.plans.every((plan) => plan.reach === 'end-of-backups'));
});

test('nothing to plan is a mistake of the caller', () => {
  assert.throws(() => planTogether([], 'latest'), RangeError);
});

test('the common moment is the last one in every window', () => {
  fc.assert(
    fc.property(everydayServers, everydayServers, (a, b) => {
      const databases = [a, b].map(({ store }, i) => ({ database: `db${i}`, sets: store }));
      const windows = databases.map(({ sets }) => restorableWindow(sets).intervals);
      if (windows.some((intervals) => intervals.length === 0)) return;
      const outcome = planTogether(databases, 'latest');
      const ends = windows
        .flat()
        .map(({ toMs }) => toMs)
        .filter((end) => windows.every((each) => covers(each, end)));
      assert.equal(outcome.ok ? outcome.targetMs : -Infinity, Math.max(...ends));
    }),
    { numRuns: 100 },
  );
});
