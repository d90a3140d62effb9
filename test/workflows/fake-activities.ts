import type {
  Activities,
  PlannedDatabase,
  RehearsalActivities,
  RetentionActivities,
  RestorePlan,
  StepsOutcome,
} from '../../workflows/contracts.ts';

/** A plan of databases with one base and some logs each, in slices as the planner makes them. */
export function fakePlan(databases: readonly string[], logs: number, logsPerSlice: number, parallel = 4): RestorePlan {
  return {
    planPath: 'mssql-rt/.restores/fake/plan.json',
    planDigest: '0'.repeat(64),
    targetTime: '2026-02-10T06:54:34.000Z',
    databases: databases.map((database) => fakePlannedDatabase(database, logs, logsPerSlice)),
    totalBytes: databases.length * (logs + 1) * 1000,
    fileCount: databases.length * (logs + 1),
    parallel,
    commands: [],
  };
}

function fakePlannedDatabase(database: string, logs: number, logsPerSlice: number): PlannedDatabase {
  const slices: [number, number][] = [[0, 1]];
  for (let from = 1; from <= logs; from += logsPerSlice) slices.push([from, Math.min(from + logsPerSlice, logs + 1)]);
  const set = {
    manifest: `mssql-rt/${database}/base.manifest.json`,
    kind: 'full' as const,
    startedAt: '2026-02-10T06:50:00Z',
    finishedAt: '2026-02-10T06:50:05Z',
    sizeBytes: 1000,
  };
  return {
    database,
    targetDatabase: database,
    base: set,
    differential: null,
    logCount: logs,
    firstLog: null,
    lastLog: null,
    totalBytes: (logs + 1) * 1000,
    reach: 'stops-inside',
    slices,
  };
}

const applied: StepsOutcome = {
  applied: 1,
  skipped: 0,
  bytes: 1000,
  stopReached: false,
  copySeconds: 0,
  restoreSeconds: 0,
};

/** Activities that succeed at once; tests replace the one that matters. */
export function fakeActivities(
  databases: readonly string[],
  over: Partial<Activities & RetentionActivities> = {},
): Activities & RetentionActivities {
  return {
    openBackupRun: async () => ({ serverName: 'fake', edition: 'Developer Edition' }),
    commitStaged: async () => ({
      count: databases.length,
      sizeBytes: 1000 * databases.length,
      sets: [],
      torn: 0,
      failed: [],
    }),
    inspectInstance: async () => ({
      work: databases.map((database) => ({ database, action: 'log' as const })),
      skipped: [],
      skippedCount: 0,
    }),
    backUpDatabases: async (input) => ({ done: input.work.length, adopted: 0, failed: [] }),
    recordRun: async () => ({ report: 'mssql-rt/.runs/fake.json', broken: [], exposure: [], maxExposureSeconds: 1 }),
    closeBackupRun: async () => undefined,
    planRestore: async () => fakePlan(databases, 20, 250),
    prepareTarget: async () => ({ created: true, address: '127.0.0.1:1433' }),
    restoreSteps: async (input) => ({ ...applied, applied: input.to - input.from }),
    recoverDatabase: async (input) => ({
      database: input.database,
      targetDatabase: input.database,
      lsn: '39000000172000001',
      reach: 'stops-inside',
      recoveredAt: '2026-02-10T06:56:00.000Z',
    }),
    verifyDatabase: async (input) => ({
      database: input.database,
      targetDatabase: input.database,
      online: true,
      writable: true,
      checkDb: 'not-asked',
      validations: [],
      repairedUsers: [],
    }),
    writeCertificate: async (input) => ({
      path: 'mssql-rt/.restores/fake/certificate.json',
      targetTime: '2026-02-10T06:54:34.000Z',
      completedAt: '2026-02-10T06:56:05.000Z',
      rpoSeconds: 99,
      rtoJobSeconds: 12,
      rtoEndToEndSeconds: 31,
      databases: input.reached,
    }),
    cleanStaging: async () => undefined,
    ...fakeRetention(databases),
    discardRestore: async () => ({ droppedDatabases: [], leftAlone: [], targetRemoved: true }),
    ...over,
  };
}

/** Retention that finds one old full of each database. */
export function fakeRetention(databases: readonly string[]): RetentionActivities {
  const retained = databases.map((database) => ({
    database,
    removed: { sets: 1, bytes: 1000 },
    kept: { sets: 7, bytes: 7000 },
    groups: [],
    uncertain: [],
  }));
  return {
    checkLeases: async () => ({ ended: [], held: 0, unknown: [] }),
    retainBackups: async () => ({
      databases: retained,
      finished: 0,
      report: 'mssql-rt/.retention/done/fake.json',
      problems: [],
      policy: { window: '14d', from: '2026-01-27T06:54:34.000Z', minFulls: 2 },
    }),
    freeLease: async () => undefined,
    changeHolds: async () => ({ holds: [] }),
  };
}

/** A rehearsal that goes as it should. */
export function fakeRehearsal(databases: readonly string[]): RehearsalActivities {
  const phases = (instance: string): Record<string, number> =>
    instance === 'mssql-rt' ? { seed: 1, wave1: 1, wave2: 1 } : { seed: 1, wave1: 1 };
  return {
    writePhase: async () => ({ lastCommitAt: '2026-02-10T06:54:00.000Z' }),
    readServerClock: async () => ({ now: '2026-02-10T06:54:34.000Z' }),
    countPhases: async (input) =>
      databases.map((database) => ({ database, state: 'ONLINE', phases: phases(input.instance) })),
    listStore: async () => ({ text: 'no files\n', files: 0 }),
    listLeftovers: async () => ({ text: 'empty\n', files: 0 }),
    writeEvidence: async (input) => ({ path: `${input.instance}/.evidence/${input.folder}` }),
  };
}
