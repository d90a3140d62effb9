import { Content } from './content.ts';
import type { Undo } from './content.ts';
import type { Boot } from './boot.ts';
import { EXTENT_HEAD_BYTES, makeExtent, readHead } from './files/ballast.ts';
import type { BootSlots } from './files/boot-slots.ts';
import type { DataFile } from './files/data-file.ts';
import type { FilePool } from './files/pool.ts';
import { freeUnits, unitAt, withUnit } from './files/runs.ts';
import type { Run } from './files/runs.ts';
import { readSnapshot, storedUnits, UnitStream, writeSnapshot } from './files/snapshot-file.ts';
import type { StoredSnapshot } from './files/snapshot-file.ts';
import { commitTicks, readMark } from './log/block.ts';
import type { BlockContent } from './log/block.ts';
import { readChanges } from './log/change.ts';
import { LogFile } from './log/log-file.ts';
import { takeSnapshot } from './snapshot.ts';

const CHECKPOINT_AFTER_BYTES = 16 << 20;
const UNTIMED = { body: Buffer.alloc(0), commitMs: 0, offsetMinutes: 0, bulk: false };

/** What an online backup holds on to: log that must not be trimmed, snapshot units that must not be written. */
export interface Pin {
  readonly position: number;
  readonly snapshot: StoredSnapshot | undefined;
}

export class RetiredStorage extends Error {}

/** One database's data file, log file, and what of them is in memory. */
export class Storage {
  readonly file: DataFile;
  readonly logPath: string;
  readonly boot: Boot;
  readonly pins = new Set<Pin>();
  /** Undo lists of the open transactions. */
  readonly open = new Set<readonly Undo[]>();
  readonly #pool: FilePool;
  readonly #claimed = new Set<number>();
  readonly #mirror: BootSlots;
  #log: LogFile | undefined;
  #content: Content | undefined;
  #checkpoint: Promise<Pin> | undefined;
  #dirty = false;
  #retired = false;

  constructor(file: DataFile, logPath: string, boot: Boot, pool: FilePool) {
    this.file = file;
    this.logPath = logPath;
    this.boot = boot;
    this.#pool = pool;
    this.#mirror = LogFile.bootSlots(logPath, pool);
  }

  /** The files belong to somebody else now (DROP, RESTORE): whatever still runs over this storage must not write. */
  retire(): void {
    this.#retired = true;
  }

  #live(): void {
    if (this.#retired) throw new RetiredStorage(`${this.file.path} is no longer this database's`);
  }

  saveBoot(): void {
    this.#live();
    this.file.writeBoot(this.boot);
    this.#mirror.write(this.boot);
  }

  get loaded(): boolean {
    return this.#content !== undefined;
  }

  /** The log with its end found, without the rows. */
  get log(): LogFile {
    if (this.#log === undefined) {
      const { checkpoint, restore } = this.boot;
      const log = LogFile.open(this.logPath, this.#pool, checkpoint);
      log.scan(
        checkpoint,
        (header) => {
          if (header.kind !== 'transaction') return;
          this.#dirty = true;
          this.boot.lastCommitTicks = commitTicks(header);
        },
        restore?.redo,
      );
      // A log that ends before its redo point would recover to an earlier moment than it says.
      if (restore !== null && log.end !== restore.redo) throw new Error(`${this.logPath} is damaged at ${log.end}`);
      // While a restore runs, what lies behind the redo point is what it has just written.
      if (restore === null) log.cut();
      this.#log = log;
    }
    return this.#log;
  }

  /** Loads snapshot and redo on first use. */
  get content(): Content {
    if (this.#content === undefined) {
      const log = this.log;
      const content = new Content();
      for (const change of readSnapshot(storedUnits(this.file, this.boot.snapshot))) content.apply(change);
      log.scan(
        this.boot.checkpoint,
        (header, body) => {
          if (header.kind !== 'transaction') return;
          for (const change of readChanges(body, readMark(header, body).records)) {
            if (change.op === 'extent') this.redoExtent(change.index, change.seed, header.position);
            else content.apply(change);
          }
        },
        log.end,
      );
      this.#content = content;
    }
    return this.#content;
  }

  /** Forgets rows and log, as before more log is applied to a STANDBY database. */
  unload(): void {
    this.#content = undefined;
    this.#log = undefined;
  }

  append(block: Omit<BlockContent, 'position'>): number {
    this.#live();
    const position = this.log.append(block);
    if (block.kind === 'transaction') this.#dirty = true;
    return position;
  }

  get checkpointDue(): boolean {
    const since = this.log.end - this.boot.checkpoint;
    return since > Math.max(CHECKPOINT_AFTER_BYTES, 2 * this.boot.snapshot.bytes);
  }

  allocate(): number {
    this.#live();
    const pinned = [...this.pins].flatMap((p) => (p.snapshot === undefined ? [] : [p.snapshot.runs]));
    const claimed: readonly Run[] = [...this.#claimed].map((unit) => [unit, 1]);
    const used = [this.boot.snapshot.runs, this.boot.ballast.runs, claimed, ...pinned];
    const unit = freeUnits(used).next().value;
    this.#claimed.add(unit);
    return unit;
  }

  /** Writes a checkpoint that begins after this call; what a backup will read of it is pinned. */
  async checkpoint(): Promise<Pin> {
    while (this.#checkpoint !== undefined) await this.#checkpoint.catch(() => undefined);
    const position = this.append({ kind: 'checkpoint', ...UNTIMED });
    const written = this.#write(position).finally(() => (this.#checkpoint = undefined));
    this.#checkpoint = written;
    return written;
  }

  async #write(position: number): Promise<Pin> {
    if (this.#dirty) {
      const snapshot = takeSnapshot(this.content, [...this.open]);
      this.#dirty = false;
      const units: number[] = [];
      const stream = new UnitStream(this.file, () => {
        const unit = this.allocate();
        units.push(unit);
        return unit;
      });
      try {
        this.boot.snapshot = await writeSnapshot(stream, snapshot.changes());
      } catch (error) {
        this.#dirty = true;
        throw error;
      } finally {
        for (const unit of units) this.#claimed.delete(unit);
      }
    }
    this.boot.checkpoint = position;
    this.saveBoot();
    const pin: Pin = { position, snapshot: this.boot.snapshot };
    this.pins.add(pin);
    return pin;
  }

  unpin(pin: Pin): void {
    this.pins.delete(pin);
    this.trim();
  }

  /** The oldest place of the log that somebody still needs. */
  get needed(): number {
    const { boot } = this;
    const chain = boot.recoveryModel === 'SIMPLE' ? null : boot.logBackup;
    return Math.min(boot.checkpoint, chain ?? Infinity, ...[...this.pins].map((p) => p.position));
  }

  trim(): void {
    this.log.trim(this.needed);
  }

  /** Writes an extent unless the file already holds this change or a later one. */
  redoExtent(index: number, seed: bigint, position: number): void {
    if (index < this.boot.ballast.count) {
      const head = readHead(this.readExtent(index, EXTENT_HEAD_BYTES), index);
      if (head !== undefined && head.position >= position && head.position !== position) return;
    }
    this.putExtent(index, makeExtent({ index, position, seed }));
  }

  putExtent(index: number, bytes: Buffer): void {
    this.#live();
    const { ballast } = this.boot;
    if (index > ballast.count) throw new Error(`ballast extent ${index} comes before ${ballast.count}`);
    if (index < ballast.count) return this.file.writeUnit(unitAt(ballast.runs, index), bytes);
    const unit = this.allocate();
    this.file.writeUnit(unit, bytes);
    this.boot.ballast = { count: index + 1, runs: withUnit(ballast.runs, unit) };
    this.#claimed.delete(unit);
  }

  readExtent(index: number, length?: number): Buffer {
    return this.file.readUnit(unitAt(this.boot.ballast.runs, index), length);
  }
}
