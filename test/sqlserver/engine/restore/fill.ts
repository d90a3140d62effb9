import { sqlError } from '../messages.ts';
import { extentIsWhole } from '../files/ballast.ts';
import { UNIT } from '../files/data-file.ts';
import { UnitStream } from '../files/snapshot-file.ts';
import { pageOf } from '../check.ts';
import { unitAt } from '../files/runs.ts';
import { Progress } from '../backup/progress.ts';
import type { EngineDatabase } from '../database.ts';
import { info } from '../messages.ts';
import type { LogFile } from '../log/log-file.ts';
import type { Storage } from '../storage.ts';
import type { RestoreJob } from './job.ts';
import { damagedChunk } from './media-set.ts';
import type { Chunk } from './media-set.ts';

/** Streams a data backup into a database's files: ballast, snapshot, and the log that was written meanwhile. */
export class DataFill {
  readonly #job: RestoreJob;
  readonly #database: EngineDatabase;
  readonly #storage: Storage;
  readonly #log: LogFile;
  readonly #snapshot: UnitStream;
  #damaged = false;

  constructor(job: RestoreJob, database: EngineDatabase, storage: Storage, log: LogFile) {
    this.#job = job;
    this.#database = database;
    this.#storage = storage;
    this.#log = log;
    this.#snapshot = new UnitStream(storage.file, () => storage.allocate());
  }

  async run(): Promise<void> {
    const { instance, context, statement, set } = this.#job;
    const progress = new Progress(context, statement.stats, set.rawBytes);
    const step = async (bytes: number) => {
      progress.add(bytes);
      await instance.faults.spend('restore', bytes, context.signal);
      await instance.faults.pass('restore-database', this.#database.name, progress.percent, context.signal);
    };
    await step(0);
    for await (const chunk of this.#job.open.chunks()) {
      this.#put(chunk);
      await step(chunk.bytes.length);
    }
    this.#storage.boot.snapshot = this.#snapshot.finish();
    progress.finish();
    await instance.faults.pass('restore-database', this.#database.name, 100, context.signal);
    if (!this.#damaged) return;
    context.info(
      info(
        3184,
        'RESTORE WITH CONTINUE_AFTER_ERROR was successful but some damage was encountered. Inconsistencies in the database are possible.',
      ),
    );
  }

  #put(chunk: Chunk): void {
    const { set, media } = this.#job;
    switch (chunk.header.kind) {
      case 'extent':
        return this.#extent(chunk);
      case 'snapshot':
        if (chunk.damaged) throw damagedChunk(set, media.files[0]!.path);
        return this.#snapshot.write(chunk.bytes);
      case 'log':
        if (chunk.damaged) throw damagedChunk(set, media.files[0]!.path);
        return this.#log.appendRaw(chunk.bytes);
    }
  }

  #extent(chunk: Chunk): void {
    const { set, statement } = this.#job;
    const { index } = chunk.header;
    const bad =
      chunk.damaged || chunk.bytes.length !== UNIT || (set.hasChecksums && !extentIsWhole(chunk.bytes, index));
    if (bad && !set.isDamaged && !statement.continueAfterError) {
      const { count, runs } = this.#storage.boot.ballast;
      const page = pageOf(index < count ? unitAt(runs, index) : index);
      throw sqlError(
        3183,
        `RESTORE detected an error on page (1:${page}) in database "${statement.database}" as read from the backup set.`,
      );
    }
    if (bad) this.#damaged = true;
    const bytes = chunk.bytes.length === UNIT ? chunk.bytes : Buffer.alloc(UNIT);
    this.#storage.putExtent(index, bytes);
  }
}
