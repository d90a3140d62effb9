import type { BackupSet } from '../backup/set.ts';
import { blocksIn } from '../backup/log-stream.ts';
import { pagesOf, Progress } from '../backup/progress.ts';
import type { Boot, RestoreProgress } from '../boot.ts';
import type { EngineDatabase } from '../database.ts';
import { DataFile } from '../files/data-file.ts';
import { BLOCK_HEADER, blockSize, commitTicks } from '../log/block.ts';
import type { BlockHeader } from '../log/block.ts';
import { LogFile } from '../log/log-file.ts';
import { lsnAt } from '../log/lsn.ts';
import { sqlError } from '../messages.ts';
import { toDatetime } from '../moment.ts';
import { interrupted, restoringDatabase } from './job.ts';
import type { Restored, RestoreJob } from './job.ts';
import { createAddedFiles, planAddedFiles } from './places.ts';
import { damagedChunk } from './media-set.ts';
import { stopRule } from './stop.ts';
import type { StopRule } from './stop.ts';

export function wrongFamily(job: RestoreJob, familyGuid: string): void {
  if (job.set.familyGuid === familyGuid) return;
  throw sqlError(
    3154,
    `The backup set holds a backup of a database other than the existing '${job.statement.database}' database.`,
    4,
  );
}

/** Whether this log continues the path that the database is on. */
function sameFork(set: BackupSet, progress: RestoreProgress): boolean {
  const { redoFork, redo } = progress;
  if (set.firstForkGuid === set.forkGuid || set.forkPoint === null) return redoFork === set.forkGuid;
  if (redoFork === set.firstForkGuid) return redo <= set.forkPoint;
  return redoFork === set.forkGuid && redo >= set.forkPoint;
}

/** @throws SqlError 4319, 4305, 4326, 4330, 4335, 4341 */
function checkLog(job: RestoreJob, database: EngineDatabase, progress: RestoreProgress): void {
  const { set, statement } = job;
  const { redo } = progress;
  if (progress.phase !== 'ready' && progress.setGuid !== set.setGuid) throw interrupted(database);
  if (set.first > redo) {
    throw sqlError(
      4305,
      `The log in this backup set begins at LSN ${lsnAt(set.first)}, which is too recent to apply to the database. An earlier log backup that includes LSN ${lsnAt(redo)} can be restored.`,
    );
  }
  // unknown: what a server says to a log that ends exactly where redo stands. Here it is applied, to no effect.
  if (set.last < redo) {
    throw sqlError(
      4326,
      `The log in this backup set terminates at LSN ${lsnAt(set.last)}, which is too early to apply to the database. A more recent log backup that includes LSN ${lsnAt(redo)} can be restored.`,
    );
  }
  if (!sameFork(set, progress)) {
    throw sqlError(
      4330,
      'This backup set cannot be applied because it is on a recovery path that is inconsistent with the database. The recovery path is the sequence of data and log backups that have brought the database to a particular recovery point. Find a compatible backup to restore, or restore the rest of the database to match a recovery point within this backup set, which will restore the database to a different point in time.  For more information about recovery paths, see SQL Server Books Online.',
    );
  }
  if (statement.stopAt === undefined) return;
  const stop = toDatetime(statement.stopAt).ticks;
  if (stop < progress.earliestStop) {
    throw sqlError(
      4335,
      'The specified STOPAT time is too early. All or part of the database is already rolled forward beyond that point.',
    );
  }
  if (set.hasBulkLoggedData && set.lastCommitTicks !== null && set.lastCommitTicks > stop) {
    throw sqlError(
      4341,
      'This log backup contains bulk-logged changes. It cannot be used to stop at an arbitrary point in time.',
    );
  }
}

/** Copies log blocks from the backup behind the log that is there, up to the stop point. */
class RollForward {
  /** Redo stands here when this is done. */
  reached: number;
  stopped = false;
  lastCommitTicks: bigint | null = null;
  readonly #rule: StopRule | undefined;
  readonly #redo: number;
  readonly #log: LogFile;
  #at: number;

  constructor(set: BackupSet, redo: number, log: LogFile, rule: StopRule | undefined) {
    this.#rule = rule;
    this.#redo = redo;
    this.#log = log;
    this.#at = set.first;
    this.reached = set.last;
  }

  apply(bytes: Buffer): void {
    const end = this.#at + bytes.length;
    for (const { header, offset } of blocksIn(bytes, this.#at)) {
      if (header.position < this.#redo) continue;
      const body = () => bytes.subarray(offset + BLOCK_HEADER, offset + BLOCK_HEADER + header.bodyLength);
      const verdict = this.#rule?.decide(header, body) ?? 'on';
      if (verdict !== 'before') this.#see(header);
      if (verdict === 'on') continue;
      this.stopped = true;
      this.reached = verdict === 'before' ? header.position : header.position + blockSize(header);
      break;
    }
    const from = Math.max(this.#at, this.#redo);
    const to = Math.min(end, this.reached);
    if (from < to) this.#log.appendRaw(bytes.subarray(from - this.#at, to - this.#at));
    this.#at = end;
  }

  #see(header: BlockHeader): void {
    if (header.kind === 'transaction') this.lastCommitTicks = commitTicks(header);
  }
}

function advanced(set: BackupSet, progress: RestoreProgress, roll: RollForward, base: number): RestoreProgress {
  const before = set.forkPoint !== null && roll.reached <= set.forkPoint;
  const ends = roll.reached === set.last;
  const applied = roll.lastCommitTicks ?? 0n;
  return {
    ...progress,
    phase: 'ready',
    setGuid: set.setGuid,
    redo: Math.max(progress.redo, roll.reached),
    redoFork: before ? set.firstForkGuid : set.forkGuid,
    logRestored: true,
    earliestStop: applied > progress.earliestStop ? applied : progress.earliestStop,
    chainStart: ends ? set.last : Math.max(set.first, base),
  };
}

async function roll(job: RestoreJob, database: EngineDatabase, forward: RollForward): Promise<void> {
  const { instance, context, statement, set, media } = job;
  const progress = new Progress(context, statement.stats, set.last - set.first);
  const step = async (bytes: number) => {
    progress.add(bytes);
    await instance.faults.spend('restore', bytes, context.signal);
    await instance.faults.pass('restore-log', database.name, progress.percent, context.signal);
  };
  await step(0);
  for await (const chunk of job.open.chunks()) {
    if (chunk.damaged || chunk.header.kind !== 'log') throw damagedChunk(set, media.files[0]!.path);
    forward.apply(chunk.bytes);
    await step(chunk.bytes.length);
    if (forward.stopped) break;
  }
  progress.finish();
  await instance.faults.pass('restore-log', database.name, 100, context.signal);
}

function openLog(job: RestoreJob, database: EngineDatabase, boot: Boot, redo: number): LogFile {
  const log = LogFile.open(database.realPath('LOG'), job.instance.pool, boot.checkpoint);
  // What an interrupted restore left behind the redo point is void.
  log.end = redo;
  log.cut();
  return log;
}

export async function restoreLog(job: RestoreJob): Promise<Restored> {
  const { instance, set } = job;
  const database = restoringDatabase(job);
  const { boot } = database.storage;
  const progress = boot.restore!;
  wrongFamily(job, boot.familyGuid);
  checkLog(job, database, progress);
  const rule = stopRule(job.statement);
  const added = planAddedFiles(instance, job.statement, set, database);
  database.running.restore = true;
  database.storage.unload();
  try {
    const file = new DataFile(database.realPath('ROWS'), instance.pool);
    file.readBoot();
    boot.restore = { ...progress, phase: 'log', setGuid: set.setGuid, standbyFile: null };
    file.writeBoot(boot);
    const log = openLog(job, database, boot, progress.redo);
    const forward = new RollForward(set, progress.redo, log, rule);
    await roll(job, database, forward);
    const { reached } = forward;
    createAddedFiles(
      instance,
      database,
      boot,
      added.filter((f) => f.created <= reached),
    );
    boot.restore = advanced(set, progress, forward, log.base);
    boot.recoveryModel = set.recoveryModel;
    boot.lastCommitTicks = forward.lastCommitTicks ?? boot.lastCommitTicks;
    file.writeBoot(boot);
    const waitsForMore = rule === undefined || forward.stopped ? undefined : rule.kind;
    return { database, dataPages: 0, logPages: pagesOf(set.last - set.first), waitsForMore };
  } finally {
    database.running.restore = false;
    database.forget();
  }
}
