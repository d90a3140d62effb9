import type { SqlConnection } from './connection.ts';
import { query } from './query.ts';
import { offsetOf } from './time.ts';

export interface ServerFacts {
  readonly serverName: string;
  readonly edition: string;
  /** 16 for SQL Server 2022. */
  readonly majorVersion: number;
  readonly dataPath: string;
  readonly logPath: string;
  /** Local time of the server minus UTC, now. */
  readonly utcOffsetMinutes: number;
}

interface FactsRow extends Omit<ServerFacts, 'utcOffsetMinutes'> {
  readonly now: string;
}

/** SERVERPROPERTY (Transact-SQL); SYSDATETIMEOFFSET (Transact-SQL), as text with its offset: CAST and CONVERT, style 126. */
const readFacts = query<FactsRow>(
  'Read SERVERPROPERTY',
  `SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS serverName,
          CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
          CONVERT(int, SERVERPROPERTY('ProductMajorVersion')) AS majorVersion,
          CONVERT(nvarchar(512), SERVERPROPERTY('InstanceDefaultDataPath')) AS dataPath,
          CONVERT(nvarchar(512), SERVERPROPERTY('InstanceDefaultLogPath')) AS logPath,
          CONVERT(varchar(33), SYSDATETIMEOFFSET(), 126) AS now`,
);

export async function serverFacts(connection: SqlConnection): Promise<ServerFacts> {
  const [row] = await connection.rows(readFacts, {});
  if (row === undefined) throw new Error('SERVERPROPERTY gave no row');
  const { now, ...facts } = row;
  return { ...facts, utcOffsetMinutes: offsetOf(now) };
}

/** Express and Web cannot write compressed backups; every edition reads them (Backup compression, restrictions). */
export function canCompress(edition: string): boolean {
  return !/^(Express|Web)\b/i.test(edition);
}
