import { SqlError } from '../../contracts.ts';
import { pageOf } from '../check.ts';
import { EXTENT_HEAD_BYTES, extentIsWhole, readHead } from '../files/ballast.ts';
import { UNIT } from '../files/data-file.ts';
import { unitAt } from '../files/runs.ts';
import { storedUnits } from '../files/snapshot-file.ts';
import { failure, sqlError } from '../messages.ts';
import { momentAt, wholeSecond } from '../moment.ts';
import { recordSuspectPage } from '../msdb/suspect.ts';
import type { Pin, Storage } from '../storage.ts';
import type { BackupJob } from './backup.ts';
import { logBackedUp } from './error-log.ts';
import { describeSet } from './header.ts';
import { logChunks } from './log-stream.ts';
import { setOf } from './media.ts';
import { pagesOf, Progress, sayProcessed } from './progress.ts';
import { BACKUP_TYPE } from './set.ts';
import type { BackupSet, SetStart } from './set.ts';
import { recordFinished } from './record.ts';
import { openMedia } from './stripes.ts';
import type { OpenedMedia } from './stripes.ts';
import { SetWriter } from './writer.ts';

const YIELD_EVERY = 64;

/** Ballast extents that a backup holds: all of them, or those that changed since the base. */
async function extentsOf(storage: Storage, since: number | null, signal: AbortSignal): Promise<readonly number[]> {
  const indexes = Array.from({ length: storage.boot.ballast.count }, (_, i) => i);
  if (since === null) return indexes;
  const changed: number[] = [];
  for (const index of indexes) {
    const head = readHead(storage.readExtent(index, EXTENT_HEAD_BYTES), index);
    // An extent that cannot say when it changed counts as changed.
    if (head === undefined || head.position >= since) changed.push(index);
    if (index % YIELD_EVERY !== 0) continue;
    signal.throwIfAborted();
    await new Promise(setImmediate);
  }
  return changed;
}

class DataBackup {
  readonly #job: BackupJob;
  readonly #storage: Storage;
  #damaged = false;

  constructor(job: BackupJob) {
    this.#job = job;
    this.#storage = job.storage;
  }

  async run(): Promise<void> {
    const { instance, database } = this.#job;
    const startMs = instance.clock.now();
    const media = await openMedia(instance, this.#job.statement);
    const writer = new SetWriter(media);
    let stands = false;
    let pin: Pin | undefined;
    database.running.backups += 1;
    try {
      pin = await this.#storage.checkpoint();
      const set = await this.#write(media, writer, pin, startMs);
      this.#moveBase(set);
      stands = true;
      await recordFinished(this.#job, set, media);
      this.#say(set, media, instance.clock.now() - startMs);
    } catch (error) {
      if (!stands) await writer.abandon();
      throw error;
    } finally {
      database.running.backups -= 1;
      if (pin !== undefined) this.#storage.unpin(pin);
    }
  }

  async #write(media: OpenedMedia, writer: SetWriter, pin: Pin, startMs: number): Promise<BackupSet> {
    const { instance, statement, context, database } = this.#job;
    const { boot } = this.#storage;
    const type = statement.differential ? BACKUP_TYPE.differential : BACKUP_TYPE.full;
    const extents = await extentsOf(this.#storage, statement.differential ? boot.base!.position : null, context.signal);
    const snapshotBytes = pin.snapshot?.bytes ?? 0;
    const ballastCount = boot.ballast.count;
    const range = { type, first: pin.position, checkpoint: pin.position, ballastCount, snapshotBytes };
    const start = describeSet(this.#job, media, range, startMs);
    await writer.begin(start);
    const progress = new Progress(context, statement.stats, extents.length * UNIT + snapshotBytes);
    const step = async (bytes: number) => {
      progress.add(bytes);
      await instance.faults.spend('backup', bytes, context.signal);
      await instance.faults.pass('backup-database', database.name, progress.percent, context.signal);
    };
    await step(0);
    for (const index of extents) {
      await writer.chunk('extent', index, await this.#extent(index, start));
      await step(UNIT);
    }
    if (pin.snapshot !== undefined) {
      let part = 0;
      for (const unit of storedUnits(this.#storage.file, pin.snapshot)) {
        await writer.chunk('snapshot', part++, unit);
        await step(unit.length);
      }
    }
    const { log } = this.#storage;
    const last = log.end;
    const endTicks = momentAt(instance.clock, instance.clock.now()).ticks;
    const lastCommitTicks = boot.lastCommitTicks;
    let part = 0;
    for await (const { bytes } of logChunks(log, pin.position, last)) {
      await writer.chunk('log', part++, bytes);
    }
    await writer.drain();
    progress.finish();
    const end = {
      last,
      endTicks,
      finishTicks: wholeSecond(momentAt(instance.clock, instance.clock.now())).ticks,
      lastCommitTicks,
      hasBulkLoggedData: false,
      isDamaged: this.#damaged,
      rawBytes: writer.rawBytes,
      storedBytes: writer.storedBytes,
      dataPages: pagesOf(extents.length * UNIT + snapshotBytes),
      logPages: pagesOf(last - pin.position),
    };
    await writer.end(end);
    return setOf(start, end);
  }

  async #extent(index: number, start: SetStart): Promise<Buffer> {
    const bytes = this.#storage.readExtent(index);
    if (!start.hasChecksums || extentIsWhole(bytes, index)) return bytes;
    const { instance, statement, database } = this.#job;
    const page = pageOf(unitAt(this.#storage.boot.ballast.runs, index));
    await recordSuspectPage(instance, { database, page }, this.#job.context.signal);
    if (!statement.continueAfterError) {
      const file = database.entry.files[0]!;
      throw sqlError(
        3043,
        `BACKUP '${database.name}' detected an error on page (1:${page}) in file '${file.physicalName}'.`,
      );
    }
    this.#damaged = true;
    return bytes;
  }

  /** Only now does the server count on this backup. */
  #moveBase(set: BackupSet): void {
    if (set.isCopyOnly) return;
    const { boot } = this.#storage;
    if (set.type === BACKUP_TYPE.full) {
      boot.base = { position: set.checkpoint, setGuid: set.setGuid, ticks: set.startTicks };
      boot.lastFull = set.checkpoint;
    }
    if (boot.recoveryModel !== 'SIMPLE' && boot.logBackup === null) boot.logBackup = set.first;
    this.#storage.saveBoot();
  }

  #say(set: BackupSet, media: OpenedMedia, elapsedMs: number): void {
    const { context, database, instance } = this.#job;
    const [data, log] = [set.files.filter((f) => f.type === 'ROWS'), set.files.filter((f) => f.type === 'LOG')];
    const files = [
      ...data.map((f, i) => ({ logicalName: f.logicalName, pages: i === 0 ? set.dataPages : 0 })),
      ...log.map((f, i) => ({ logicalName: f.logicalName, pages: i === 0 ? set.logPages : 0 })),
    ];
    const what = set.type === BACKUP_TYPE.full ? 'BACKUP DATABASE' : 'BACKUP DATABASE WITH DIFFERENTIAL';
    if (set.isDamaged) {
      context.info({
        number: 3042,
        class: 0,
        state: 1,
        text: 'BACKUP WITH CONTINUE_AFTER_ERROR successfully generated a backup of the damaged database. Refer to the SQL Server error log for information about the errors that were encountered.',
      });
    }
    const done = sayProcessed(context, { what, database: database.name, position: set.position, files, elapsedMs });
    logBackedUp(instance, set, media, done);
  }
}

/** BACKUP DATABASE, full or differential: a checkpoint, the data as it stands, and the log written meanwhile. */
export async function backUpData(job: BackupJob): Promise<void> {
  const { context, database, statement } = job;
  if (statement.noRecovery || statement.standby !== undefined || statement.noTruncate) {
    throw new SqlError(
      failure(
        3032,
        'One or more of the options (norecovery, standby, no_truncate) are not supported for this statement. Review the documentation for supported options.',
      ),
    );
  }
  using _turn = await database.dataBackup.acquire({ signal: context.signal, timeoutMs: context.lockTimeoutMs });
  if (statement.differential && job.storage.boot.base === null) {
    throw sqlError(
      3035,
      `Cannot perform a differential backup for database "${database.name}", because a current database backup does not exist. Perform a full database backup by reissuing BACKUP DATABASE, omitting the WITH DIFFERENTIAL option.`,
    );
  }
  await new DataBackup(job).run();
}
