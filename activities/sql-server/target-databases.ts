import { compareLsn, parseLsn } from '../../workflows/domain/lsn.ts';
import { ownsFiles } from '../../workflows/domain/move.ts';
import type { RedoPoint } from '../../workflows/domain/resume.ts';
import type { SqlConnection } from './connection.ts';
import { query } from './query.ts';

/** A database on the target of a restore. */
export interface TargetDatabase {
  readonly name: string;
  readonly databaseId: number;
  /** sys.databases.state_desc */
  readonly state: string;
  /** Every file carries the restore's token: this restore made it. */
  readonly owned: boolean;
  readonly redo: RedoPoint;
}

interface FileRow {
  readonly name: string;
  readonly databaseId: number;
  readonly state: string;
  readonly path: string | null;
  readonly redoLsn: string | null;
  readonly redoForkId: string | null;
}

/**
 * sys.databases and sys.master_files (Transact-SQL): redo_start_lsn is where roll forward goes on. Without the right to see
 * the files no database is taken for ours.
 */
const readFiles = query<FileRow>(
  'Read sys.master_files',
  `SELECT d.name AS name,
          d.database_id AS databaseId,
          d.state_desc AS state,
          f.physical_name AS path,
          CAST(f.redo_start_lsn AS varchar(25)) AS redoLsn,
          CONVERT(varchar(36), f.redo_start_fork_guid) AS redoForkId
     FROM sys.databases AS d
     LEFT JOIN sys.master_files AS f ON f.database_id = d.database_id
    ORDER BY d.database_id, f.file_id`,
);

/** Every database of the instance, system databases too. */
export async function targetDatabases(connection: SqlConnection, token: string): Promise<TargetDatabase[]> {
  const rows = await connection.rows(readFiles, {});
  return [...Map.groupBy(rows, (row) => row.databaseId).values()].flatMap((files) => {
    const [first] = files;
    if (first === undefined) return [];
    const { name, databaseId, state } = first;
    const paths = files.flatMap((file) => file.path ?? []);
    return { name, databaseId, state, owned: ownsFiles(paths, token), redo: redoOf(files) };
  });
}

/** Null when the instance has no database of that name, which compares without case. */
export async function targetDatabase(
  connection: SqlConnection,
  name: string,
  token: string,
): Promise<TargetDatabase | null> {
  const all = await targetDatabases(connection, token);
  return all.find((database) => database.name.toLowerCase() === name.toLowerCase()) ?? null;
}

/** The file that is furthest behind decides where to go on. */
function redoOf(files: readonly FileRow[]): RedoPoint {
  const points = files.flatMap(({ redoLsn, redoForkId }) =>
    redoLsn === null ? [] : [{ lsn: parseLsn(redoLsn), forkId: redoForkId?.toUpperCase() ?? null }],
  );
  const [lowest] = points.sort((a, b) => compareLsn(a.lsn, b.lsn));
  return lowest ?? { lsn: null, forkId: null };
}
