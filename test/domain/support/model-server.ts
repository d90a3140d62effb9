import fc from 'fast-check';
import type { BackupKind, BackupSet } from '../../../workflows/domain/backup-set.ts';
import type { DatabaseState } from '../../../workflows/domain/decide.ts';
import { parseLsn } from '../../../workflows/domain/lsn.ts';
import { backupSet } from './set.ts';

/** A committed transaction: a database's content is the path from the root to its newest commit. */
export interface Commit {
  readonly lsn: number;
  readonly ms: number;
  readonly localMs: number;
  readonly previous: Commit | null;
}

/** What only the model knows of a backup: the content at its end. */
export interface TrueBackup {
  readonly set: BackupSet;
  readonly first: number;
  readonly last: number;
  readonly forkPoint: number | null;
  readonly content: Commit | null;
}

interface Database {
  readonly familyId: string;
  /** Forks with the LSN at which each begins. */
  readonly forks: readonly { readonly id: string; readonly from: number }[];
  readonly nextLsn: number;
  readonly archivePoint: number | null;
  readonly content: Commit | null;
  readonly diffBase: { readonly id: string; readonly checkpoint: number } | null;
  readonly model: 'FULL' | 'BULK_LOGGED' | 'SIMPLE';
  readonly bulkLogged: boolean;
}

/** What becomes of a backup's files. */
export type Fate = 'stored' | 'elsewhere' | 'damaged' | 'twice';

export interface BackupOptions {
  readonly kind: BackupKind;
  readonly copyOnly: boolean;
  readonly fate: Fate;
  /** From start to the point at which the content is fixed, and from there to the end. */
  readonly lasts: readonly [number, number];
  /** A commit while it runs. */
  readonly busy: boolean;
}

const begin = Date.parse('2026-03-01T09:59:57.123Z');

/**
 * One database on a server, with a log whose every record is known. It does what SQL Server does with LSNs, forks, archive
 * point and differential base, writes headers with whole seconds, and remembers the truth.
 */
export class ModelServer {
  /** Headers carry last_valid_restore_time (SQL Server 2022). */
  readonly #knowsLastRecord: boolean;
  readonly store: BackupSet[] = [];
  readonly backups = new Map<string, TrueBackup>();
  readonly #truth: { readonly ms: number; readonly content: Commit | null | 'absent' }[] = [];
  readonly #snapshots: Database[] = [];
  readonly #replaced: number[] = [];
  #now = begin;
  #offsetMinutes = 0;
  #names = 0;
  #storedAtRevert = 0;
  #database: Database | null = null;

  constructor(knowsLastRecord: boolean) {
    this.#knowsLastRecord = knowsLastRecord;
  }

  get now(): number {
    return this.#now;
  }

  /** The content at the end of a moment; 'absent' when there was no database. */
  contentAt(ms: number): Commit | null | 'absent' {
    const entry = this.#truth.findLast((each) => each.ms <= ms);
    return entry === undefined ? 'absent' : entry.content;
  }

  /** What sys.databases and its like say of the database. */
  state(): DatabaseState | null {
    const database = this.#database;
    if (database === null) return null;
    return {
      name: 'db1',
      databaseId: 5,
      state: 'ONLINE',
      recoveryModel: database.model,
      isSnapshot: false,
      isInStandby: false,
      familyId: database.familyId,
      recoveryForkId: database.forks.at(-1)?.id ?? null,
      lastLogBackupLsn: database.archivePoint === null ? null : parseLsn(String(database.archivePoint)),
      differentialBaseId: database.diffBase?.id ?? null,
    };
  }

  /** True when the content was replaced, not added to, after one moment and up to another. */
  replacedBetween(afterMs: number, untilMs: number): boolean {
    return this.#replaced.some((ms) => ms > afterMs && ms <= untilMs);
  }

  /** What fast-check prints of a counterexample. */
  [fc.toStringMethod](): string {
    const sets = [...this.backups.values()].map(({ set, content }) => {
      const kept = this.store.find((each) => each.id === set.id);
      return [
        kept === undefined ? '(elsewhere)' : set.isDamaged ? '(damaged)' : '',
        set.id,
        set.kind,
        set.copyOnly ? 'copy-only' : '',
        `[${set.firstLsn}, ${set.lastLsn})`,
        set.firstRecoveryForkId === set.recoveryForkId
          ? set.recoveryForkId
          : `${set.firstRecoveryForkId} -${set.forkPointLsn}-> ${set.recoveryForkId}`,
        `${set.startedAt} - ${set.finishedAt}`,
        `last record ${set.lastValidRestoreTime}`,
        set.hasBulkLoggedData ? 'bulk-logged' : '',
        `offset ${set.utcOffsetMinutes}`,
        content === null ? 'empty' : `content ${content.lsn}`,
      ].join(' ');
    });
    const truth = this.#truth.map(({ ms, content }) => {
      const what = content === 'absent' ? 'absent' : content === null ? 'empty' : content.lsn;
      return `${new Date(ms).toISOString()} ${what}`;
    });
    return `\n${sets.join('\n')}\n${truth.join('\n')}\n`;
  }

  pass(durationMs: number): void {
    this.#now += durationMs;
  }

  changeClock(byMinutes: number): void {
    this.#offsetMinutes += byMinutes;
  }

  create(): void {
    if (this.#database !== null) return;
    this.pass(1);
    this.#database = {
      familyId: this.#name('FAMILY'),
      forks: [{ id: this.#name('FORK'), from: 0 }],
      nextLsn: 100,
      archivePoint: null,
      content: null,
      diffBase: null,
      model: 'FULL',
      bulkLogged: false,
    };
    this.#replace();
  }

  drop(): void {
    this.pass(1);
    this.#database = null;
    this.#replace();
  }

  commit(bulk = false): void {
    const database = this.#database;
    if (database === null) return;
    this.#tick();
    this.#database = {
      ...database,
      nextLsn: database.nextLsn + 2,
      content: {
        lsn: database.nextLsn,
        ms: this.#now,
        localMs: this.#now + this.#offsetMinutes * 60_000,
        previous: database.content,
      },
      bulkLogged: database.bulkLogged || (bulk && database.model === 'BULK_LOGGED'),
    };
    this.#remember();
  }

  setModel(model: Database['model']): void {
    if (this.#database === null) return;
    const archivePoint = model === 'SIMPLE' ? null : this.#database.archivePoint;
    this.#database = { ...this.#database, model, archivePoint };
  }

  snapshot(): void {
    if (this.#database !== null) this.#snapshots.push(this.#database);
  }

  /**
   * The volume is put back to a snapshot; nothing in the database tells. A log backup that was stored since the last time is
   * ahead of it, and the run that finds that out takes a full.
   */
  revert(which: number): void {
    const found = this.#snapshots[which % Math.max(1, this.#snapshots.length)];
    if (found === undefined || this.#database === null) return;
    const { archivePoint, forks } = found;
    const fork = forks.at(-1)?.id;
    if (archivePoint === null || fork !== this.#database.forks.at(-1)?.id) return;
    const ahead = (set: BackupSet): boolean =>
      set.kind === 'log' && !set.copyOnly && set.recoveryForkId === fork && Number(set.lastLsn) > archivePoint;
    if (!this.store.slice(this.#storedAtRevert).some(ahead)) return;
    this.pass(1);
    this.#database = found;
    this.#replace();
    this.#storedAtRevert = this.store.length;
    this.pass(2000);
    this.backUp({ kind: 'full', copyOnly: false, fate: 'stored', lasts: [10, 10], busy: false });
  }

  /**
   * Somebody restores the database over itself to an earlier state, which begins a new fork.
   * @param back how many commits are undone
   * @param keepsChain the next log backup goes on from a log backup before the fork
   */
  restoreOver(back: number, keepsChain: boolean): void {
    const database = this.#database;
    if (database === null) return;
    let content = database.content;
    for (let n = 0; n < back && content !== null; n += 1) content = content.previous;
    const from = content === null ? 100 : content.lsn + 2;
    const ends = [...this.backups.values()]
      .filter(({ set, last }) => set.kind === 'log' && set.recoveryForkId === database.forks.at(-1)?.id && last <= from)
      .map(({ last }) => last);
    this.pass(1);
    this.#database = {
      ...database,
      content,
      nextLsn: from,
      forks: [...database.forks.filter((fork) => fork.from < from), { id: this.#name('FORK'), from }],
      archivePoint: keepsChain && database.archivePoint !== null && ends.length > 0 ? Math.max(...ends) : null,
      diffBase: null,
      bulkLogged: false,
    };
    this.#replace();
  }

  backUp({ kind, copyOnly, fate, lasts, busy }: BackupOptions): void {
    const database = this.#database;
    if (database === null) return;
    if (kind === 'log' && (database.archivePoint === null || database.model === 'SIMPLE')) return;
    if (kind === 'differential' && database.diffBase === null) return;
    const copy = copyOnly && kind !== 'differential';

    const startMs = this.#now;
    const startLsn = database.nextLsn;
    const offsetMinutes = this.#offsetMinutes;
    this.pass(lasts[0]);
    if (busy) this.commit();
    // A data backup writes a checkpoint; a log backup of an idle database need not write anything.
    if (kind !== 'log')
      this.#database = { ...(this.#database ?? database), nextLsn: (this.#database ?? database).nextLsn + 1 };
    const end = this.#database ?? database;
    this.pass(lasts[1]);

    const first = kind === 'log' ? (database.archivePoint ?? startLsn) : startLsn;
    const crossed = kind === 'log' ? database.forks.filter((fork) => fork.from >= first && fork.from > 0) : [];
    const fork = database.forks.at(-1) as Database['forks'][number];
    const firstFork = crossed.length > 0 ? database.forks[database.forks.length - crossed.length - 1] : fork;
    const lastRecord = end.content;
    const set = backupSet({
      id: this.#name('SET'),
      kind,
      copyOnly: copy,
      firstLsn: first,
      lastLsn: end.nextLsn,
      checkpointLsn: startLsn,
      databaseBackupLsn: backupSet({ lastLsn: database.diffBase?.checkpoint ?? 0 }).lastLsn,
      differentialBaseId: kind === 'differential' ? (database.diffBase?.id ?? null) : null,
      familyId: database.familyId,
      firstRecoveryForkId: (firstFork ?? fork).id,
      recoveryForkId: fork.id,
      forkPointLsn: crossed[0]?.from ?? null,
      startedAt: wholeSecond(startMs),
      finishedAt: wholeSecond(this.#now),
      lastValidRestoreTime:
        kind === 'log' && this.#knowsLastRecord && lastRecord !== null ? wholeSecond(lastRecord.ms) : null,
      utcOffsetMinutes: offsetMinutes,
      recoveryModel: database.model,
      hasBulkLoggedData: kind === 'log' && end.bulkLogged,
      isDamaged: fate === 'damaged',
    });
    this.backups.set(set.id, {
      set,
      first,
      last: end.nextLsn,
      forkPoint: crossed[0]?.from ?? null,
      content: end.content,
    });
    if (fate !== 'elsewhere') this.store.push(set);
    if (fate === 'twice') this.store.push({ ...set });

    if (copy) return;
    const rearmed = end.model !== 'SIMPLE' ? (end.archivePoint ?? startLsn) : null;
    this.#database = {
      ...end,
      archivePoint: kind === 'log' ? end.nextLsn : rearmed,
      diffBase: kind === 'full' ? { id: set.id, checkpoint: startLsn } : end.diffBase,
      bulkLogged: kind === 'log' ? false : end.bulkLogged,
    };
  }

  /** datetime has steps of .000, .003 and .007; no two commits share one. */
  #tick(): void {
    do this.#now += 1;
    while (![0, 3, 7].includes(this.#now % 10));
  }

  #replace(): void {
    this.#replaced.push(this.#now);
    this.#remember();
  }

  #remember(): void {
    this.#truth.push({ ms: this.#now, content: this.#database === null ? 'absent' : this.#database.content });
  }

  #name(prefix: string): string {
    this.#names += 1;
    return `${prefix}-${this.#names}`;
  }
}

function wholeSecond(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString();
}
