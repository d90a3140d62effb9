import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import { isUncounted } from '../../workflows/domain/uncounted-log.ts';
import { log } from './support/set.ts';

const unrecorded = log('10:10:00', 100, 200);
const point = (lsn: string) => parseLsn(lsn);

test('a server that died between the end of a log file and its archive point does not count the file', () => {
  assert.equal(isUncounted(unrecorded, point('100'), []), true);
  assert.equal(isUncounted(unrecorded, point('300'), [log('10:10:05', 100, 300)]), true);
});

test('a log that moved the archive point and has no record (3009) counts', () => {
  assert.equal(isUncounted(unrecorded, point('200'), []), false);
  assert.equal(isUncounted(unrecorded, point('300'), [log('10:10:05', 200, 300)]), false);
  assert.equal(isUncounted(unrecorded, null, []), false);
});

test('what does not hold all of it, or is of another database or fork, takes nothing of its place', () => {
  for (const other of [
    log('10:10:05', 100, 150),
    log('10:10:05', 100, 300, { database: 'other' }),
    log('10:10:05', 100, 300, { recoveryForkId: 'FORK-B', firstRecoveryForkId: 'FORK-B' }),
    log('10:10:05', 100, 300, { copyOnly: true }),
  ]) {
    assert.equal(isUncounted(unrecorded, point('300'), [other]), false);
  }
  assert.equal(isUncounted(log('10:10:00', 100, 100), point('100'), []), false, 'an empty log overlaps nothing');
});
