import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isDrift, scheduleChanges, type ScheduleChange } from '../../workflows/domain/schedule-changes.ts';
import { startsOfDay } from '../../workflows/domain/schedule-calendar.ts';
import { desiredSchedules, shapeTexts, whenText } from '../../workflows/domain/schedule-desired.ts';
import {
  scheduleKinds,
  type DeclaredSchedules,
  type DesiredSchedule,
  type FoundSchedule,
  type ScheduleDeclaration,
} from '../../workflows/domain/schedule.ts';

const queue = 'fleet';
const every = (everyMs: number, more: Partial<ScheduleDeclaration> = {}): ScheduleDeclaration => ({
  when: { everyMs, offsetMs: 0 },
  ...more,
});

function one(declaration: ScheduleDeclaration, kind: 'full' | 'log' = 'log', instance = 'mssql-rt'): DesiredSchedule {
  const [desired] = desiredSchedules({ [instance]: { [kind]: declaration } }, queue);
  assert.ok(desired);
  return desired;
}

/** As Temporal has it after an apply. */
function applied(desired: DesiredSchedule, more: Partial<FoundSchedule> = {}): FoundSchedule {
  const { instance: _i, kind: _k, ...shape } = desired;
  return { ...shape, owner: queue, paused: false, note: '', ...more };
}

describe('what a declaration becomes', () => {
  it('a log schedule starts backupInstance for its instance, under a name that is the same every time', () => {
    const desired = one(every(10_000, { spreadMs: 0 }));
    assert.equal(desired.id, 'mssql-pitr/mssql-rt/log');
    assert.equal(desired.workflowType, 'backupInstance');
    assert.equal(desired.workflowId, 'backup/mssql-rt/log');
    assert.deepEqual(desired.input, { instance: 'mssql-rt', kind: 'log' });
    assert.deepEqual(desired.searchAttributes, { SqlInstance: 'mssql-rt', BackupKind: 'log' });
    assert.equal(desired.taskQueue, queue);
    assert.deepEqual(one(every(10_000, { spreadMs: 0 })), desired);
  });

  it('retention and verification start their own workflows', () => {
    const found = desiredSchedules({ a: { retention: every(3_600_000), verify: every(3_600_000) } }, queue);
    assert.deepEqual(
      found.map(({ workflowType, workflowId, input }) => [workflowType, workflowId, input]),
      [
        ['applyRetention', 'retention/a', { instance: 'a' }],
        ['verifyStore', 'verify/a', { instance: 'a' }],
      ],
    );
  });

  it('without a spread a cron starts at its own minute, with one later but never on the next day', () => {
    assert.equal(whenText(one({ when: { cron: '0 1 * * 0' }, spreadMs: 0 }, 'full')), '0 0 1 * * 0');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 23 }), fc.string(), (m, h, instance) => {
        const [start] = one({ when: { cron: `${m} ${h} * * *` } }, 'full', `i${instance}`).calendars.flatMap(
          startsOfDay,
        );
        const late = (start ?? 0) - (h * 3600 + m * 60);
        assert.ok(late >= 0 && late < 30 * 60, `${late} s late`);
      }),
    );
  });

  it('two hundred instances spread over the whole time between two starts', () => {
    const instances = Array.from({ length: 200 }, (_, i) => `mssql-${String(i).padStart(3, '0')}`);
    for (const [everyMs, most] of [
      [60_000, 14],
      [10_000, 40],
    ] as const) {
      const declared = Object.fromEntries(instances.map((name) => [name, { log: every(everyMs) }]));
      const perSecond = Map.groupBy(desiredSchedules(declared, queue), ({ intervals }) => intervals[0]?.offsetMs);
      assert.ok(perSecond.size > (everyMs / 1000) * 0.9, `${perSecond.size} different seconds`);
      assert.ok(Math.max(...[...perSecond.values()].map((all) => all.length)) <= most);
    }
  });

  it('of the starts that an outage swallowed, at most the last lies inside the catch-up window', () => {
    const intervals = fc.integer({ min: 10, max: 100_000 }).map((seconds) => every(seconds * 1000));
    const crons = fc
      .record({
        minutes: fc.subarray([0, 5, 15, 20, 30, 45], { minLength: 1 }),
        hours: fc.subarray([0, 1, 6, 12, 18, 23], { minLength: 1 }),
      })
      .map(({ minutes, hours }): ScheduleDeclaration => ({
        when: { cron: `${minutes.join()} ${hours.join()} * * *` },
      }));
    fc.assert(
      fc.property(fc.oneof(intervals, crons), fc.constantFrom(...scheduleKinds), (declaration, kind) => {
        const [desired] = desiredSchedules({ a: { [kind]: declaration } }, queue);
        assert.ok(desired);
        const { calendars, intervals: found, catchUpMs } = desired;
        const starts = calendars.flatMap(startsOfDay).toSorted((a, b) => a - b);
        const days = [...starts, ...starts.map((start) => start + 86_400)];
        const gaps = [
          ...days.slice(1).map((start, i) => (start - (days[i] as number)) * 1000),
          ...found.map(({ everyMs }) => everyMs),
        ];
        assert.ok(catchUpMs <= Math.min(...gaps), `${catchUpMs} ms and a gap of ${Math.min(...gaps)} ms`);
        assert.ok(catchUpMs >= 10_000, 'Temporal takes no less');
        assert.ok(desired.jitterMs < Math.min(...gaps));
      }),
    );
  });

  it('what is declared goes before what is right for most', () => {
    const desired = one(every(60_000, { spreadMs: 0, jitterMs: 0, overlap: 'skip', catchUpMs: 30_000 }));
    const { jitterMs, overlap, catchUpMs, intervals } = desired;
    assert.deepEqual(
      [jitterMs, overlap, catchUpMs, intervals],
      [0, 'skip', 30_000, [{ everyMs: 60_000, offsetMs: 0 }]],
    );
  });
});

const declarations = fc.oneof(
  fc.integer({ min: 10, max: 5_000 }).map((seconds) => every(seconds * 1000)),
  fc.integer({ min: 0, max: 23 }).map((hour): ScheduleDeclaration => ({ when: { cron: `0 ${hour} * * *` } })),
);
const fleets: fc.Arbitrary<DeclaredSchedules> = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.record(Object.fromEntries(scheduleKinds.map((kind) => [kind, declarations])), { requiredKeys: [] }),
);

/** What Temporal has once every change was made. */
function after(found: readonly FoundSchedule[], changes: readonly ScheduleChange[]): FoundSchedule[] {
  const there = new Map(found.map((each) => [each.id, each]));
  for (const change of changes) {
    if (change.action === 'create') there.set(change.id, applied(change.desired));
    if (change.action === 'remove') there.delete(change.id);
    if (change.action === 'change') {
      const { paused, note } = change.found;
      there.set(change.id, applied(change.desired, { paused, note }));
    }
  }
  return [...there.values()];
}

describe('what an apply does', () => {
  it('whatever was there: after it Temporal has what is declared, a second one does nothing, and pauses and others stay', () => {
    const persons = fc.record({ paused: fc.boolean(), note: fc.constantFrom('', 'volume moves') });
    fc.assert(
      fc.property(fleets, fleets, persons, (before, now, person) => {
        const foreign = applied(one(every(10_000), 'log', 'z'), { id: 'nightly-report', owner: null });
        const neighbour = applied(one(every(10_000), 'log', 'z'), { owner: 'another-fleet' });
        const found = [...desiredSchedules(before, queue).map((each) => applied(each, person)), foreign, neighbour];
        const desired = desiredSchedules(now, queue);
        const end = after(found, scheduleChanges(desired, found, queue));

        const again = scheduleChanges(desired, end, queue);
        assert.ok(!isDrift(again), JSON.stringify(again));
        const texts = (all: readonly FoundSchedule[]): unknown =>
          all
            .filter(({ owner }) => owner === queue)
            .map((each) => [each.id, shapeTexts(each)] as const)
            .toSorted(([a], [b]) => (a < b ? -1 : 1));
        assert.deepEqual(texts(end), texts(desired.map((each) => applied(each))));
        assert.ok(end.includes(foreign) && end.includes(neighbour));
        const stayed = new Set(found.map(({ id }) => id));
        for (const each of end.filter(({ id, owner }) => owner === queue && stayed.has(id))) {
          assert.deepEqual([each.paused, each.note], [person.paused, person.note]);
        }
      }),
    );
  });

  it('every part of a schedule that differs is a change of its own', () => {
    const desired = one(every(10_000));
    const differing: Partial<FoundSchedule>[] = [
      { intervals: [{ everyMs: 20_000, offsetMs: 0 }] },
      { jitterMs: 7_000 },
      { overlap: 'allow-all' },
      { catchUpMs: 31_536_000_000 },
      { workflowType: 'other' },
      { workflowId: 'other' },
      { taskQueue: 'other' },
      { input: { instance: 'other', kind: 'log' } },
      { summary: '' },
      { searchAttributes: {} },
      { additions: '{"endAt":1}' },
    ];
    for (const difference of differing) {
      const [change] = scheduleChanges([desired], [applied(desired, difference)], queue);
      assert.ok(change?.action === 'change' && change.fields.length === 1, JSON.stringify(difference));
      assert.ok(change.byHand);
    }
  });

  it('a change of the file is told from a change by hand', () => {
    const [change] = scheduleChanges([one(every(20_000))], [applied(one(every(10_000)))], queue);
    assert.ok(change?.action === 'change' && !change.byHand);
  });

  it('the order of an input or of calendars is no difference', () => {
    const desired = one({ when: { cron: '0,50 1 * * *' }, spreadMs: 900_000 }, 'full', 'b');
    const found = applied(desired, {
      calendars: desired.calendars.toReversed(),
      input: { kind: 'full', instance: 'b' },
    });
    assert.equal(scheduleChanges([desired], [found], queue)[0]?.action, 'keep');
  });

  it('a schedule of somebody else under our id is named and left alone', () => {
    const desired = one(every(10_000));
    for (const owner of [null, 'another-fleet']) {
      const [change, ...more] = scheduleChanges([desired], [applied(desired, { owner })], queue);
      assert.equal(change?.action, 'blocked');
      assert.equal(more.length, 0);
      assert.ok(isDrift(change === undefined ? [] : [change]));
    }
  });
});
