import assert from 'node:assert/strict';
import type {
  CatalogueActivities,
  DoctorActivities,
  ImportActivities,
  SkippedBackup,
  VerifyActivities,
  VerifySlice,
} from '../../workflows/contracts.ts';
import { fail, ok } from '../../workflows/domain/finding.ts';

/** A store of so many slices; what the last one finds. */
export function reading(
  slices: number,
  counts: VerifySlice['counts'] = {},
): VerifyActivities & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    openVerify: async () => ({ databases: 1, sets: slices, bytes: slices * 1000 }),
    verifySlice: async ({ slice, after: cursor }) => {
      asked.push(slice);
      assert.equal(cursor?.manifest ?? null, slice === 1 ? null : `m${slice - 1}`);
      const next = slice === slices ? null : { folder: 'db', manifest: `m${slice}` };
      return { sets: 1, bytes: 1000, healed: 0, counts: {}, next, seconds: 0.001 };
    },
    closeVerify: async ({ slices: all }) => ({
      report: 'r.json',
      sets: all,
      bytes: all * 1000,
      healed: 0,
      counts,
      holes: 0,
      findings: Object.keys(counts).map((kind) => ({ kind: kind as 'missing', path: 'db/x.trn', what: 'is gone' })),
    }),
  };
}

export const skipped = (reason: SkippedBackup['reason']): SkippedBackup => ({
  file: `old/${reason}.bak`,
  position: null,
  database: null,
  reason,
  why: `because of ${reason}`,
});

export function importing(skips: readonly SkippedBackup[], failed: readonly SkippedBackup[] = []): ImportActivities {
  return {
    planImport: async () => ({
      path: 'p.json',
      digest: 'd',
      count: 120,
      sizeBytes: 1000,
      slices: [
        [0, 50],
        [50, 100],
        [100, 120],
      ],
      found: [],
      skipped: skips,
      skippedCounts: Object.fromEntries(skips.map(({ reason }) => [reason, 1])),
    }),
    importSlice: async ({ from, to }) => ({ imported: to - from, sizeBytes: 10, failed: from === 0 ? failed : [] }),
  };
}

/** A store without any backup. */
export const fakeCatalogue: CatalogueActivities = {
  readWindow: async ({ instance }) => ({
    instance,
    asOf: '2026-02-10T00:00:00.000Z',
    databases: [],
    next: null,
    unprotected: [],
    unprotectedCount: 0,
    serverProblem: null,
    problems: [],
  }),
  readBackups: async ({ instance }) => ({ instance, backups: [], count: 0, sizeBytes: 0, next: null, problems: [] }),
};

/** A sound instance whose store is full. */
export const fakeChecks: DoctorActivities = {
  describeWorker: async () => ({
    now: new Date().toISOString(),
    version: '0.1.0',
    node: 'v24.0.0',
    host: 'fake',
    platform: 'local',
  }),
  checkServer: async () => [ok('sql.login', 'mssql-rt takes the login sa')],
  checkStore: async () => [fail('store.space', 'The store has 1 MB left', 'Free space.')],
  checkPlatform: async () => [],
};
