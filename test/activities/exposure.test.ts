import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatabaseState } from '../../workflows/domain/decide.ts';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import type { StoreChain } from '../../workflows/domain/plan-types.ts';
import { standings } from '../../activities/backup/exposure.ts';

const nowMs = Date.parse('2026-02-10T07:00:00Z');

function database(name: string, change: Partial<DatabaseState> = {}): DatabaseState {
  return {
    name,
    databaseId: 5,
    state: 'ONLINE',
    recoveryModel: 'FULL',
    isSnapshot: false,
    isInStandby: false,
    familyId: 'FAMILY',
    recoveryForkId: 'FORK',
    lastLogBackupLsn: parseLsn('500'),
    differentialBaseId: 'BASE',
    ...change,
  };
}

function chain(name: string, latest: string | null, lastLsn = '500'): StoreChain {
  return {
    database: name,
    head: {
      familyId: 'FAMILY',
      recoveryForkId: 'FORK',
      lastLsn: parseLsn(lastLsn),
      lastLogLsn: parseLsn(lastLsn),
      latestRestorableMs: latest === null ? null : Date.parse(latest),
      lastSetId: 'LAST',
      fullSinceLog: null,
    },
    differentialBases: ['BASE'],
    lost: null,
  };
}

test('exposure is now minus the latest restorable time, the most exposed database first', () => {
  const all = standings(
    [database('a'), database('b')],
    [chain('a', '2026-02-10T06:59:30Z'), chain('b', '2026-02-10T06:58:21Z')],
    nowMs,
  );
  assert.deepEqual(
    all.map(({ database: name, exposureSeconds, latestRestorable, broken }) => [
      name,
      exposureSeconds,
      latestRestorable,
      broken,
    ]),
    [
      ['b', 99, '2026-02-10T06:58:21.000Z', null],
      ['a', 30, '2026-02-10T06:59:30.000Z', null],
    ],
  );
});

test('a database without any backup comes first and has no number', () => {
  const [first] = standings([database('a'), database('new')], [chain('a', '2026-02-10T06:00:00Z')], nowMs);
  assert.deepEqual([first?.database, first?.exposureSeconds], ['new', null]);
  assert.match(first?.broken ?? '', /no backup of it yet/);
});

test('a log backup that the store does not hold breaks the chain', () => {
  const [only] = standings([database('a')], [chain('a', '2026-02-10T06:00:00Z', '400')], nowMs);
  assert.match(only?.broken ?? '', /the store does not hold/);
});

test('a SIMPLE database is whole with its base, though it has no log to be exposed by', () => {
  const [only] = standings(
    [database('a', { recoveryModel: 'SIMPLE', lastLogBackupLsn: null })],
    [chain('a', null)],
    nowMs,
  );
  assert.deepEqual([only?.broken, only?.exposureSeconds], [null, null]);
});

test('databases that cannot be backed up have no exposure', () => {
  const left = [database('master'), database('s', { isSnapshot: true }), database('o', { state: 'OFFLINE' })];
  assert.deepEqual(standings(left, [], nowMs), []);
});

test('exposure is never below zero, whichever clock is ahead', () => {
  const [only] = standings([database('a')], [chain('a', '2026-02-10T07:00:05Z')], nowMs);
  assert.equal(only?.exposureSeconds, 0);
});
