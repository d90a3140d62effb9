import fc from 'fast-check';
import type { BackupSet } from '../../../workflows/domain/backup-set.ts';
import { backupSet } from './set.ts';

const begin = Date.parse('2026-03-01T10:00:00Z');

const forks = fc.constantFrom('FORK-A', 'FORK-B');
const lsn = fc.integer({ min: 0, max: 20 });
const time = fc.integer({ min: 0, max: 30 }).map((seconds) => new Date(begin + seconds * 1000).toISOString());

/** Manifests that no server wrote: any LSNs, any times, any forks. */
export const hostileSets: fc.Arbitrary<BackupSet[]> = fc.array(
  fc
    .record({
      kind: fc.constantFrom('full' as const, 'differential' as const, 'log' as const, 'log' as const, 'log' as const),
      copyOnly: fc.boolean(),
      ends: fc.tuple(lsn, lsn),
      forkPointLsn: fc.option(lsn),
      differentialBaseId: fc.constantFrom('0', '1', '2', '3'),
      id: fc.nat(9).map(String),
      times: fc.tuple(time, time),
      lastValidRestoreTime: fc.option(time),
      forks: fc.tuple(forks, forks),
      hasBulkLoggedData: fc.boolean(),
      isDamaged: fc.boolean(),
      utcOffsetMinutes: fc.constantFrom(0, 60),
    })
    .map(({ ends, times, forks: [firstRecoveryForkId, recoveryForkId], ...fields }) =>
      backupSet({
        ...fields,
        firstLsn: ends[0],
        lastLsn: ends[1],
        startedAt: times[0],
        finishedAt: times[1],
        firstRecoveryForkId,
        recoveryForkId,
      }),
    ),
  { maxLength: 14 },
);

/** Every second and half second around the sets' times. */
export const hostileMoments = Array.from({ length: 70 }, (_, i) => begin - 1000 + i * 500);
