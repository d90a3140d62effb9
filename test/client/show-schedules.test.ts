import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Screen } from '../../client/show/screen.ts';
import { showSchedules, type ScheduleLine } from '../../client/show/schedule-list.ts';
import { changeData, showChanges } from '../../client/show/schedule-plan.ts';
import { scheduleChanges, type ScheduleChange } from '../../workflows/domain/schedule-changes.ts';
import { desiredSchedules } from '../../workflows/domain/schedule-desired.ts';
import type { FoundSchedule } from '../../workflows/domain/schedule.ts';

function shown(show: (screen: Screen) => void): string {
  const printed: string[] = [];
  show({
    json: false,
    width: 160,
    live: false,
    print: (text) => printed.push(text),
    data: () => {},
    note: () => {},
    draw: () => {},
    keep: () => {},
  });
  return printed.join('\n');
}

const log = (everyMs: number) => ({ log: { when: { everyMs, offsetMs: 0 }, spreadMs: 0 } });

function found(everyMs: number, instance: string, more: Partial<FoundSchedule> = {}): FoundSchedule[] {
  return desiredSchedules({ [instance]: log(everyMs) }, 'q').map((each) => {
    return { ...each, owner: 'q', paused: false, note: '', ...more };
  });
}

describe('a plan of schedules', () => {
  const changes: readonly ScheduleChange[] = scheduleChanges(
    desiredSchedules({ fresh: log(10_000), changed: log(10_000), same: log(10_000), taken: log(10_000) }, 'q'),
    [
      ...found(60_000, 'changed'),
      ...found(10_000, 'same'),
      ...found(10_000, 'gone', { paused: true, note: 'for now' }),
      ...found(10_000, 'taken', { owner: null }),
    ],
    'q',
  );

  it('says for each schedule what is and what is declared, and counts', () => {
    const text = shown((screen) => showChanges(screen, changes, 'planned'));
    assert.match(text, /\+ │ mssql-pitr\/fresh\/log +│ create .*every 10s, jitter 1s, buffer-one, catch-up 10s/);
    assert.match(text, /~ │ mssql-pitr\/changed\/log +│ when +│ every 1m +│ every 10s/);
    assert.match(text, /- │ mssql-pitr\/gone\/log +│ remove .*\(paused: for now\)/);
    assert.match(text, /! │ mssql-pitr\/taken\/log +│ not ours +│ was made by somebody else/);
    assert.match(text, /Schedules: 1 to create, 1 to change, 1 to remove, 1 unchanged, 1 blocked$/);
    assert.doesNotMatch(text, /mssql-pitr\/same/);
  });

  it('says the same to programs', () => {
    const data = changes.map(changeData) as { action: string; id: string }[];
    assert.deepEqual(data.map(({ action, id }) => [action, id.split('/')[1]]).toSorted(), [
      ['blocked', 'taken'],
      ['change', 'changed'],
      ['create', 'fresh'],
      ['keep', 'same'],
      ['remove', 'gone'],
    ]);
  });

  it('says so when nothing is declared and nothing is there', () => {
    assert.match(
      shown((screen) => showChanges(screen, [], 'done')),
      /none is declared, and none is there/,
    );
  });
});

describe('the list of schedules', () => {
  const now = Date.parse('2026-02-10T07:00:00Z');
  const line = (more: Partial<ScheduleLine>): ScheduleLine => ({
    id: 'mssql-pitr/mssql-rt/log',
    when: 'every 10s',
    paused: false,
    note: '',
    next: null,
    last: null,
    runs: 0,
    missed: 0,
    overlapped: 0,
    ...more,
  });
  const listed = (more: Partial<ScheduleLine>): string => shown((screen) => showSchedules(screen, [line(more)], now));

  it('tells what is near by how near it is, and what is far by its date', () => {
    assert.match(listed({ next: '2026-02-10T07:00:04.200Z' }), /in 4 s/);
    assert.match(listed({ next: '2026-02-15T01:07:32.900Z' }), /2026-02-15 01:07:32 UTC/);
  });

  it('tells how the last run ended', () => {
    const last = { workflowId: 'w', startedAt: '2026-02-10T06:58:00Z', closedAt: '2026-02-10T06:58:01.400Z' };
    assert.match(listed({ last: { ...last, state: 'FAILED' } }), /failed in 1\.4 s, 2 min 00 s ago/);
    assert.match(listed({ last: { ...last, state: 'RUNNING', closedAt: null } }), /running, 2 min 00 s ago/);
    assert.match(listed({}), /none yet/);
  });

  it('tells of a pause and its note', () => {
    assert.match(listed({ paused: true, note: 'volume moves' }), /paused: volume moves/);
  });
});
