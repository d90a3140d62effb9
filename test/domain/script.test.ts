import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planDatabase } from '../../workflows/domain/restore-plan.ts';
import { restoreScript } from '../../workflows/domain/script.ts';
import { differential, full, log, ms, twoFiles } from './support/set.ts';

test('a plan reads as the statements that a restore runs, in order', () => {
  const base = full('10:00:00', 100, { id: 'F', hasChecksums: false, utcOffsetMinutes: 420 });
  const day = differential('10:30:00', 300, base, { id: 'D', utcOffsetMinutes: 420 });
  const added = { fileId: 3, logicalName: 'more', type: 'D', physicalName: '/x/more.ndf', sizeBytes: 1 } as const;
  const last = log('10:40:00', 250, 400, {
    id: 'L',
    position: 3,
    utcOffsetMinutes: 420,
    databaseFiles: [...twoFiles, added],
    files: ['L_1.trn', 'L_2.trn'].map((name) => ({ name, sizeBytes: 1, sha256: '' })),
  });
  const outcome = planDatabase([base, day, last], ms('10:35:00'));
  assert.ok(outcome.ok);
  assert.deepEqual(
    restoreScript(outcome.plan, {
      targetDatabase: 'db1_restored',
      token: '0badcafe',
      dataPath: '/data',
      logPath: '/log',
      pathOf: (file) => `/staging/${file.name}`,
    }),
    [
      "RESTORE DATABASE [db1_restored] FROM DISK = N'/staging/F.bak' WITH FILE = 1, " +
        "MOVE N'db1' TO N'/data/db1_restored_1_0badcafe.mdf', MOVE N'db1_log' TO N'/log/db1_restored_2_0badcafe.ldf', " +
        'NORECOVERY, STATS = 5',
      "RESTORE DATABASE [db1_restored] FROM DISK = N'/staging/D.bak' WITH FILE = 1, NORECOVERY, CHECKSUM, STATS = 5",
      "RESTORE LOG [db1_restored] FROM DISK = N'/staging/L_1.trn', DISK = N'/staging/L_2.trn' WITH FILE = 3, " +
        "MOVE N'more' TO N'/data/db1_restored_3_0badcafe.ndf', NORECOVERY, CHECKSUM, " +
        "STOPAT = N'2026-03-01T17:35:00.000', STATS = 5",
      'RESTORE DATABASE [db1_restored] WITH RECOVERY',
    ],
  );
});
