import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainHead, storeChain } from '../../workflows/domain/chain.ts';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import { at, differential, full, log, ms } from './support/set.ts';

const base = full('10:00:00', 100);
const logs = [log('10:10:00', 50, 200), log('10:20:00', 200, 300)];

test('the head is the end of the last log', () => {
  assert.deepEqual(chainHead([base, ...logs]), {
    familyId: 'FAMILY-1',
    recoveryForkId: 'FORK-A',
    lastLsn: parseLsn('300'),
    lastLogLsn: parseLsn('300'),
    fullSinceLog: null,
    latestRestorableMs: ms('10:20:00'),
    lastSetId: logs[1]?.id,
  });
});

test('a store without a usable full has no head', () => {
  assert.equal(chainHead([]), null);
  assert.equal(chainHead(logs), null);
  assert.equal(chainHead([{ ...base, isDamaged: true }, ...logs]), null);
});

test('with data backups only, no moment is restorable and the head is their end', () => {
  const head = chainHead([base, differential('10:30:00', 350, base)]);
  assert.equal(head?.lastLsn, '350');
  assert.equal(head?.latestRestorableMs, null);
  assert.equal(head?.lastLogLsn, null);
  assert.equal(head?.fullSinceLog, base.id);
});

test('a hole ends the chain before it, until a data backup leads around it', () => {
  const beyond = log('10:40:00', 400, 500);
  assert.equal(chainHead([base, ...logs, beyond])?.lastLsn, '300');
  assert.equal(chainHead([base, ...logs, differential('10:35:00', 420, base), beyond])?.lastLsn, '500');
});

test('empty logs of an idle database move the restorable time, not the end', () => {
  const idle = ['10:30:00', '10:40:00'].map((time) => log(time, 300, 300, { lastValidRestoreTime: at('10:15:00') }));
  const head = chainHead([base, ...logs, ...idle]);
  assert.equal(head?.lastLsn, '300');
  assert.equal(head?.latestRestorableMs, ms('10:40:00'));
  assert.equal(head?.lastSetId, idle[1]?.id);
});

test('after a restore over the database the newest fork is the head, though its LSNs are lower', () => {
  const newer = full('11:00:00', 250, { recoveryForkId: 'FORK-B' });
  assert.equal(chainHead([base, ...logs, newer])?.recoveryForkId, 'FORK-B');
  assert.equal(chainHead([base, ...logs, newer])?.lastLsn, '250');
  assert.equal(chainHead([base, ...logs, { ...newer, isDamaged: true }])?.recoveryForkId, 'FORK-A');
});

test('of two forks with backups that began in one second, the head is on the one that came into the store later', () => {
  const last = log('10:30:00', 300, 400, { committedAt: '2026-02-10T10:30:00.200Z' });
  const newer = full('10:30:00', 350, { recoveryForkId: 'FORK-B', committedAt: '2026-02-10T10:30:00.700Z' });
  assert.equal(chainHead([base, ...logs, last, newer])?.recoveryForkId, 'FORK-B');
  assert.equal(chainHead([base, ...logs, newer, last])?.recoveryForkId, 'FORK-B');
});

test('bases for differentials are undamaged fulls that are not copy-only, the newest eight, each once', () => {
  const fulls = Array.from({ length: 10 }, (_, n) => full(`1${Math.floor(n / 6)}:${n % 6}0:00`, 100 + n));
  const sets = [
    ...fulls,
    ...fulls,
    full('20:00:00', 500, { copyOnly: true }),
    full('21:00:00', 600, { isDamaged: true }),
    ...logs,
  ];
  const chain = storeChain('db1', sets);
  assert.equal(chain.database, 'db1');
  assert.deepEqual(
    chain.differentialBases,
    fulls
      .map((set) => set.id)
      .reverse()
      .slice(0, 8),
  );
});
