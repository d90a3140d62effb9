import { SqlError } from '../../contracts.ts';
import type { RestoreProgress } from '../boot.ts';
import { failure, sqlError } from '../messages.ts';
import { momentAt, wholeSecond } from '../moment.ts';
import type { Pin, Storage } from '../storage.ts';
import { writeStandbyFile } from '../restore/standby.ts';
import { conflicting } from './backup.ts';
import type { BackupJob } from './backup.ts';
import { logBackedUp } from './error-log.ts';
import { describeSet } from './header.ts';
import { logChunks, LogSummary } from './log-stream.ts';
import { setOf } from './media.ts';
import { pagesOf, Progress, sayProcessed } from './progress.ts';
import { BACKUP_TYPE } from './set.ts';
import type { BackupSet } from './set.ts';
import { recordFinished } from './record.ts';
import { openMedia } from './stripes.ts';
import type { OpenedMedia } from './stripes.ts';
import { SetWriter } from './writer.ts';

function checkLog(job: BackupJob): number {
  const { boot } = job.storage;
  if (boot.recoveryModel === 'SIMPLE') {
    throw sqlError(
      4208,
      'The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE.',
    );
  }
  if (boot.logBackup === null) {
    throw sqlError(4214, 'BACKUP LOG cannot be performed because there is no current database backup.');
  }
  return boot.logBackup;
}

/** A tail-log backup closes the database behind it, so nobody else may be in it. */
function checkAlone({ instance, context, database }: BackupJob): void {
  if (context.currentDatabase.toLowerCase() === database.name.toLowerCase()) {
    throw new SqlError(
      failure(
        3102,
        `BACKUP LOG cannot process database '${database.name}' because it is in use by this session. It is recommended that the master database be used when performing this operation.`,
      ),
    );
  }
  const others = instance.sessions.inDatabase(database.id).filter((spid) => spid !== context.spid);
  if (others.length > 0 || database.running.backups > 0) {
    throw sqlError(3101, 'Exclusive access could not be obtained because the database is in use.');
  }
}

class LogBackup {
  readonly #job: BackupJob;
  readonly #storage: Storage;
  readonly #first: number;

  constructor(job: BackupJob, first: number) {
    this.#job = job;
    this.#storage = job.storage;
    this.#first = first;
  }

  async run(): Promise<void> {
    const { instance, database } = this.#job;
    const startMs = instance.clock.now();
    const media = await openMedia(instance, this.#job.statement);
    const writer = new SetWriter(media);
    let stands = false;
    const pin: Pin = { position: this.#first, snapshot: undefined };
    this.#storage.pins.add(pin);
    database.running.backups += 1;
    try {
      const set = await this.#write(media, writer, startMs);
      this.#moveArchivePoint(set);
      stands = true;
      await recordFinished(this.#job, set, media);
      this.#say(set, media, instance.clock.now() - startMs);
    } catch (error) {
      if (!stands) await writer.abandon();
      throw error;
    } finally {
      database.running.backups -= 1;
      this.#storage.unpin(pin);
    }
  }

  async #write(media: OpenedMedia, writer: SetWriter, startMs: number): Promise<BackupSet> {
    const { instance, statement, context, database } = this.#job;
    const { boot, log } = this.#storage;
    const range = {
      type: BACKUP_TYPE.log,
      first: this.#first,
      checkpoint: boot.checkpoint,
      ballastCount: 0,
      snapshotBytes: 0,
    };
    const start = describeSet(this.#job, media, range, startMs);
    await writer.begin(start);
    await instance.faults.pass('backup-log', database.name, 0, context.signal);
    const last = log.end;
    const endTicks = momentAt(instance.clock, instance.clock.now()).ticks;
    const before = boot.lastCommitTicks;
    const progress = new Progress(context, statement.stats, last - this.#first);
    const summary = new LogSummary();
    let part = 0;
    for await (const { bytes, blocks } of logChunks(log, this.#first, last)) {
      for (const block of blocks) summary.see(block);
      await writer.chunk('log', part++, bytes);
      progress.add(bytes.length);
      await instance.faults.spend('log', bytes.length, context.signal);
      await instance.faults.pass('backup-log', database.name, progress.percent, context.signal);
    }
    await writer.drain();
    progress.finish();
    await instance.faults.pass('backup-log', database.name, 100, context.signal);
    const end = {
      last,
      endTicks,
      finishTicks: wholeSecond(momentAt(instance.clock, instance.clock.now())).ticks,
      // unknown: what a log backup without any commit says. Here the last commit before it, so the value only lags.
      lastCommitTicks: summary.lastCommitTicks ?? before,
      hasBulkLoggedData: summary.hasBulkLoggedData,
      isDamaged: false,
      rawBytes: writer.rawBytes,
      storedBytes: writer.storedBytes,
      dataPages: 0,
      logPages: pagesOf(last - this.#first),
    };
    await writer.end(end);
    return setOf(start, end);
  }

  /** From here on this part of the log is in no other log backup: losing the file is a hole in the chain. */
  #moveArchivePoint(set: BackupSet): void {
    const { statement } = this.#job;
    // Of a database whose data file is lost nothing can be changed: the tail is all that is left of it.
    if (this.#job.isDamaged) return;
    const { boot } = this.#storage;
    if (!set.isCopyOnly) {
      boot.logBackup = set.last;
      boot.logBackupTicks = set.finishTicks;
      boot.beginsChain = false;
      boot.firstForkGuid = boot.forkGuid;
      boot.forkPoint = null;
    }
    if (set.isTail) {
      const restore: RestoreProgress = {
        phase: 'ready',
        setGuid: set.setGuid,
        redo: set.last,
        redoFork: boot.forkGuid,
        baseGuid: boot.base?.setGuid ?? '',
        logRestored: true,
        earliestStop: set.endTicks,
        chainStart: set.last,
        standbyFile: statement.standby ?? null,
      };
      if (statement.standby !== undefined) writeStandbyFile(this.#job.instance, statement.standby);
      boot.restore = restore;
    }
    this.#storage.saveBoot();
  }

  #say(set: BackupSet, media: OpenedMedia, elapsedMs: number): void {
    const { context, database, instance } = this.#job;
    const files = set.files
      .filter((f) => f.type === 'LOG')
      .map((f, i) => ({ logicalName: f.logicalName, pages: i === 0 ? set.logPages : 0 }));
    const what = 'BACKUP LOG';
    const done = sayProcessed(context, { what, database: database.name, position: set.position, files, elapsedMs });
    logBackedUp(instance, set, media, done);
  }
}

/** BACKUP LOG. Log backups of one database follow one another; a data backup does not keep them waiting. */
export async function backUpLog(job: BackupJob): Promise<void> {
  const { context, database, statement } = job;
  if (statement.noRecovery && statement.standby !== undefined) throw conflicting('standby', 'norecovery');
  if (statement.differential) throw conflicting('differential', 'log');
  const tail = statement.noRecovery || statement.standby !== undefined;
  checkLog(job);
  using _turn = await database.logBackup.acquire({ signal: context.signal });
  if (tail) checkAlone(job);
  database.running.tail = tail;
  try {
    await new LogBackup(job, checkLog(job)).run();
    if (tail && !job.isDamaged) database.storage.unload();
  } finally {
    database.running.tail = false;
  }
}
