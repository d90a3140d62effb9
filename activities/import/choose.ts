import { basename } from 'node:path/posix';
import type { SkippedBackup, SkipReason } from '../../workflows/contracts.ts';
import { decideBackup, type DatabaseState } from '../../workflows/domain/decide.ts';
import { safeName, timeStamp } from '../../workflows/domain/naming.ts';
import type { FileRow, SetRow } from '../sql-server/history.ts';
import type { HeaderRow } from '../sql-server/header.ts';
import { stagedSet } from '../backup/staged-set.ts';
import type { ImportSet } from '../executor/import/document.ts';
import { layout } from '../executor/store/layout.ts';
import type { Medium } from './media.ts';

export interface ChooseOptions {
  readonly instance: string;
  readonly serverName: string;
  readonly utcOffsetMinutes: number;
  /** Only these; all when absent. */
  readonly wanted: readonly string[] | undefined;
  readonly databases: readonly DatabaseState[];
  /** Ids of the sets that the store has. */
  readonly stored: ReadonlySet<string>;
  /** Names of databases that the store has backups of. */
  readonly known: ReadonlySet<string>;
}

/** A set that would be taken in, but for the files of its database. */
export interface Candidate {
  readonly medium: Medium;
  readonly row: SetRow;
  /** As the server writes it today, where only the case differs. */
  readonly database: string;
}

export interface Chosen {
  /** By the time they began. */
  readonly candidates: readonly Candidate[];
  readonly skipped: readonly SkippedBackup[];
}

/** Which sets are taken in, and why the others are not. */
export function chooseSets(media: readonly Medium[], options: ChooseOptions): Chosen {
  const skipped: SkippedBackup[] = [];
  const candidates: Candidate[] = [];
  const seen = new Map<string, string>();
  for (const medium of media) {
    for (const row of medium.sets) {
      const file = medium.files[0] ?? '';
      const refuse = (reason: SkipReason, why: string): void => {
        skipped.push({ file, position: row.position, database: row.database, reason, why });
      };
      if (!isWhole(row)) {
        refuse('cut-off', 'the backup was cut off before its end');
        continue;
      }
      const before = seen.get(row.id);
      const objection = objectionTo(row, options, before);
      if (objection !== null) {
        refuse(...objection);
        continue;
      }
      seen.set(row.id, `${file}, position ${row.position}`);
      candidates.push({ medium, row, database: nameOf(row, options.databases) });
    }
  }
  candidates.sort((a, b) => byTime(a.row, b.row));
  return { candidates, skipped };
}

/** Headers carry whole seconds; within one, the log tells the order. */
function byTime(a: SetRow, b: SetRow): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? -1 : 1;
  if (a.lastLsn.length !== b.lastLsn.length) return a.lastLsn.length - b.lastLsn.length;
  return a.lastLsn < b.lastLsn ? -1 : a.lastLsn > b.lastLsn ? 1 : 0;
}

const kinds: Readonly<Record<string, string>> = { D: 'full', I: 'differential', L: 'log' };

function objectionTo(row: SetRow, options: ChooseOptions, before: string | undefined): [SkipReason, string] | null {
  const { wanted, stored } = options;
  const asState = { name: row.database, state: 'ONLINE', isSnapshot: false, isInStandby: false } as DatabaseState;
  const decision = decideBackup('full', asState, null);
  if (decision.action === 'skip') return ['system-database', 'system databases are left out'];
  if (wanted !== undefined && !wanted.includes(nameOf(row, options.databases)))
    return ['not-asked-for', 'its database was not asked for'];
  if (kinds[row.type.trim()] === undefined)
    return ['unsupported-kind', 'it is a backup of files or filegroups, which cannot be part of a chain here'];
  if (stored.has(row.id.toUpperCase())) return ['already-in-store', 'the store has it'];
  if (before !== undefined) return ['duplicate', `the same backup set is in ${before}`];
  if (row.damaged) return ['damaged', 'SQL Server marked it as damaged when it was taken'];
  return foreignness(row, options);
}

/**
 * A file of another database under a known name would end in a chain that nobody can restore. A database of the server is known by its
 * family, which survives everything but being made anew; one that is there no more by the name of the server that backed it up.
 */
function foreignness(row: SetRow, { databases, known, serverName }: ChooseOptions): [SkipReason, string] | null {
  const here = databases.find(({ name }) => name.toLowerCase() === row.database.toLowerCase());
  if (here?.familyId != null) {
    if (here.familyId.toUpperCase() === row.familyId.toUpperCase()) return null;
    if (row.serverName.toLowerCase() === serverName.toLowerCase()) return null;
    return [
      'other-database',
      `the server's ${here.name} is another database; this one was backed up on ${row.serverName}`,
    ];
  }
  if (row.serverName.toLowerCase() === serverName.toLowerCase() || known.has(row.database)) return null;
  return ['other-server', `it was backed up on ${row.serverName}, and this server has no such database`];
}

function nameOf(row: SetRow, databases: readonly DatabaseState[]): string {
  const same = databases.find(({ name, familyId }) => {
    return familyId?.toUpperCase() === row.familyId.toUpperCase() && name.toLowerCase() === row.database.toLowerCase();
  });
  return same?.name ?? row.database;
}

/** RESTORE HEADERONLY (Transact-SQL) shows a backup that was cut off as a set of the name *** INCOMPLETE ***, without an end. */
function isWhole(row: HeaderRow): row is SetRow {
  return row.name !== '*** INCOMPLETE ***' && row.finishedAt !== null && row.lastLsn !== null && row.familyId !== null;
}

/** @param first the set that comes first of those in the same files; null for that one itself */
export function importSet(
  { medium, row, database }: Candidate,
  files: readonly FileRow[],
  first: ImportSet | null,
  { instance, utcOffsetMinutes }: Pick<ChooseOptions, 'instance' | 'utcOffsetMinutes'>,
): ImportSet {
  // unknown: the offset of a data backup that was taken under another one than today's; headers carry it for logs only.
  const staged = stagedSet({ ...row, database }, files, {
    instance,
    takenBy: null,
    utcOffsetMinutes,
    stagedFiles: medium.files,
  });
  if (staged === null) throw new RangeError(`${basename(medium.files[0] ?? '')} holds a backup of an unsupported kind`);
  const { set } = staged;
  const stem = `${safeName(database)}_${set.kind}_${timeStamp(set.startedAt)}-import-${set.id.slice(0, 8)}`;
  const names = medium.files.map((_, i) => `${stem}_${i + 1}.${set.kind === 'log' ? 'trn' : 'bak'}`);
  const twin = first === null ? null : { folder: layout.database(instance, first.set.database), names: first.names };
  return { sources: medium.files, names, twin, set };
}
