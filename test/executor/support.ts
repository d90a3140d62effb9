import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import { safeName } from '../../workflows/domain/naming.ts';
import { execute } from '../../activities/executor/execute.ts';
import { manifestText } from '../../activities/executor/store/manifest.ts';
import type { Roots, StagedSet, TaskControl, TaskName, Tasks } from '../../activities/executor/tasks.ts';

export const zeroTime = Date.parse('2026-02-10T00:00:00Z');

/** A store and an instance's volume in a temporary folder that goes with the test. */
export function makeRoots(t: TestContext): Roots {
  const folder = mkdtempSync(join(tmpdir(), 'pitr-executor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const roots = { store: join(folder, 'store'), sql: join(folder, 'sql') };
  mkdirSync(roots.store);
  mkdirSync(roots.sql);
  return roots;
}

export function control(signal: AbortSignal = new AbortController().signal): TaskControl {
  return { signal, progress: () => {} };
}

export function run<T extends TaskName>(task: T, input: Tasks[T]['input'], roots: Roots): Promise<Tasks[T]['output']> {
  return execute(task, input, roots, control());
}

export function guid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

export type SetFacts = Partial<BackupSet> & { readonly database: string };

/** Facts of a set as msdb tells them, without what committing adds. */
export function stagedFacts(facts: SetFacts): StagedSet['set'] {
  const { files, committedAt, ...set } = backupSet(facts);
  return set;
}

export function backupSet(facts: SetFacts): BackupSet {
  const fork = guid(`fork ${facts.database}`);
  return {
    formatVersion: 1,
    id: guid(`set ${facts.name ?? facts.database}`),
    instance: 'mssql-rt',
    serverName: 'MSSQL-RT',
    kind: 'full',
    copyOnly: false,
    name: 'a backup',
    position: 1,
    files: [],
    firstLsn: parseLsn('100'),
    lastLsn: parseLsn('200'),
    checkpointLsn: parseLsn('100'),
    databaseBackupLsn: parseLsn('0'),
    differentialBaseLsn: null,
    differentialBaseId: null,
    familyId: guid(`family ${facts.database}`),
    firstRecoveryForkId: fork,
    recoveryForkId: fork,
    forkPointLsn: null,
    startedAt: new Date(zeroTime).toISOString(),
    finishedAt: new Date(zeroTime + 1000).toISOString(),
    lastValidRestoreTime: null,
    utcOffsetMinutes: 0,
    recoveryModel: 'FULL',
    hasBulkLoggedData: false,
    beginsLogChain: false,
    hasChecksums: true,
    isDamaged: false,
    backupSizeBytes: 1000,
    databaseFiles: [
      { fileId: 1, logicalName: 'data', type: 'D', physicalName: '/var/opt/mssql/data/a.mdf', sizeBytes: 8192 },
      { fileId: 2, logicalName: 'log', type: 'L', physicalName: '/var/opt/mssql/data/a.ldf', sizeBytes: 8192 },
    ],
    softwareMajorVersion: 16,
    takenBy: null,
    committedAt: new Date(zeroTime + 2000).toISOString(),
    ...facts,
  };
}

/** Full at 00:00, then one log a minute; every log reaches to the start of its backup. */
export function chainOfSets(database: string, logs: number): BackupSet[] {
  const at = (minutes: number): string => new Date(zeroTime + minutes * 60_000).toISOString();
  const lsn = (n: number) => parseLsn(String(1000 + n * 100));
  const common = { database, checkpointLsn: lsn(0) };
  const full = backupSet({
    ...common,
    id: guid(`${database} full`),
    name: `${database} full`,
    firstLsn: lsn(0),
    lastLsn: lsn(1),
    startedAt: at(0),
    finishedAt: at(0),
  });
  const rest = Array.from({ length: logs }, (_, i) =>
    backupSet({
      ...common,
      id: guid(`${database} log ${i}`),
      name: `${database} log ${i}`,
      kind: 'log',
      databaseBackupLsn: lsn(0),
      firstLsn: i === 0 ? lsn(0) : lsn(i + 1),
      lastLsn: lsn(i + 2),
      startedAt: at(i + 1),
      finishedAt: at(i + 1),
      lastValidRestoreTime: new Date(zeroTime + (i + 1) * 60_000 - 1000).toISOString(),
      beginsLogChain: i === 0,
      backupSizeBytes: 100,
    }),
  );
  return [full, ...rest];
}

export function fileNameOf(set: BackupSet): string {
  const stamp = set.startedAt.replace(/[-:]|\.\d+/g, '');
  return `${safeName(set.database)}_${set.kind}_${stamp}-${set.id.slice(0, 8)}_1.${set.kind === 'log' ? 'trn' : 'bak'}`;
}

/** Puts sets into a store as if they had been committed; their files hold `content`. */
export function fillStore(store: string, sets: readonly BackupSet[], content = 'backup'): BackupSet[] {
  return sets.map((set) => {
    const name = fileNameOf(set);
    const bytes = Buffer.from(`${content} ${name}`);
    const stored = { ...set, files: [{ name, sizeBytes: bytes.length, sha256: sha256Of(bytes) }] };
    const path = join(store, safeName(set.instance), safeName(set.database), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    writeFileSync(`${path}.manifest.json`, manifestText(stored));
    return stored;
  });
}

/** Puts a staged file of random content onto the volume. */
export function stageFile(sqlRoot: string, path: string, bytes = 1000): Buffer {
  const content = randomBytes(bytes);
  mkdirSync(dirname(join(sqlRoot, path)), { recursive: true });
  writeFileSync(join(sqlRoot, path), content);
  return content;
}

export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
