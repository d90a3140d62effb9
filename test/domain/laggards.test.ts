import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laggards } from '../../workflows/domain/laggards.ts';
import { full, log, ms } from './support/set.ts';

const until = (database: string, end: string) => ({
  database,
  sets: [full('10:00:00', 100), log('10:10:00', 50, 200), log(end, 200, 300)],
});

test('a database that was dropped hours ago is behind, so that latest does not quietly mean its last moment', () => {
  const found = laggards([until('db1', '14:00:00'), until('db2', '13:55:00'), until('dropped', '11:00:00')]);
  assert.deepEqual(
    found.behind.map((each) => each.database),
    ['dropped'],
  );
  assert.ok(found.othersMs >= ms('14:00:00'));
});

test('databases whose backups end within the hour are together', () => {
  assert.deepEqual(laggards([until('db1', '14:00:00'), until('db2', '13:05:00')]).behind, []);
});

test('a database without any log backup is not behind: it has no latest moment at all', () => {
  const simple = { database: 'simple', sets: [full('01:00:00', 100)] };
  assert.deepEqual(laggards([until('db1', '14:00:00'), simple]).behind, []);
});
