import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sql from 'mssql';
import { inLanes } from '../../activities/executor/io/lanes.ts';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { recoverStatement, restoreStatement } from '../../workflows/domain/commands.ts';
import { moveClauses } from '../../workflows/domain/move.ts';
import { secondsOf } from './median.ts';

const run = promisify(execFile);
const onServer = '/var/opt/mssql';
const staging = 'bare-restore';

export interface BareTarget {
  readonly port: number;
  readonly password: string;
  /** Host folder that the server sees as /var/opt/mssql. */
  readonly dataRoot: string;
}

export interface BareDatabase {
  readonly as: string;
  readonly stopAt: string;
  /** Full, then logs; each of one file. */
  readonly backups: readonly { readonly set: BackupSet; readonly path: string }[];
}

/** Seconds, and what they went into; with several databases at a time the parts overlap. */
export interface BareTimes {
  readonly total: number;
  readonly copying: number;
  readonly checking: number;
  readonly restoring: number;
}

/**
 * What somebody would write who has an evening: for each database and each file, `cp` from the store, `sha256sum`, RESTORE, one after
 * the other; at the end recover all. The statements are the product's own.
 * @param lanes databases at a time
 */
export async function bareRestore(
  target: BareTarget,
  databases: readonly BareDatabase[],
  lanes: number,
): Promise<BareTimes> {
  const times = { copying: 0, checking: 0, restoring: 0 };
  const began = performance.now();
  const folder = join(target.dataRoot, staging);
  await mkdir(folder);
  const pool = await connect(target);
  const execute = async (text: string): Promise<void> => {
    times.restoring += await secondsOf(() => pool.request().batch(text));
  };
  try {
    await inLanes(databases, lanes, async ({ as, stopAt, backups }) => {
      for (const { set, path } of backups) {
        const staged = join(folder, set.files[0]?.name ?? '');
        times.copying += await secondsOf(() => run('cp', [path, staged]));
        times.checking += await secondsOf(() => check(staged, set));
        await execute(restoreOf(set, { as, stopAt, folder: staging }));
      }
    });
    for (const { as } of databases) await execute(recoverStatement(as));
    return { ...times, total: (performance.now() - began) / 1000 };
  } finally {
    await pool.close();
    await rm(folder, { recursive: true });
  }
}

function connect({ port, password }: BareTarget): Promise<sql.ConnectionPool> {
  const options = { encrypt: true, trustServerCertificate: true };
  return sql.connect({ server: '127.0.0.1', port, user: 'sa', password, requestTimeout: 0, options });
}

async function check(staged: string, set: BackupSet): Promise<void> {
  const { stdout } = await run('sha256sum', [staged]);
  if (!stdout.includes(set.files[0]?.sha256 ?? 'no hash')) throw new Error(`${staged} is damaged`);
}

export interface BareStep {
  readonly as: string;
  readonly stopAt: string;
  /** With the files, below /var/opt/mssql. */
  readonly folder: string;
}

export function restoreOf(set: BackupSet, { as, stopAt, folder }: BareStep): string {
  const data = `${onServer}/data/`;
  const places = { targetDatabase: as, token: 'bare', dataPath: data, logPath: data };
  return restoreStatement({
    database: as,
    kind: set.kind,
    files: set.files.map(({ name }) => `${onServer}/${folder}/${name}`),
    position: set.position,
    moves: set.kind === 'log' ? [] : moveClauses(set.databaseFiles, places),
    checksum: set.hasChecksums,
    stopAt: set.kind === 'log' ? stopAt : null,
  });
}
