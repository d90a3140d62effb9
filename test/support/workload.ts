import sql from 'mssql';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';

export interface Workload {
  /** Creates a database in the FULL recovery model with a table `events(id, note)`. */
  create(database: string): Promise<void>;
  /** One committed row; resolves with the server's time just after the commit, UTC with milliseconds. */
  write(database: string, note: string): Promise<string>;
  notes(database: string): Promise<string[]>;
  query<T>(text: string): Promise<T[]>;
  /** The server's clock, UTC with milliseconds. */
  now(): Promise<string>;
  close(): Promise<void>;
}

/** Left to itself the server names the files after the database, which fails for a name with a slash (5133). */
function filesOf(database: string): string {
  if (/^[\w ]+$/.test(database)) return '';
  const file = `file${Buffer.from(database).toString('hex').slice(0, 16)}`;
  return `ON (NAME = ${file}, FILENAME = N'/var/opt/mssql/data/${file}.mdf') LOG ON (NAME = ${file}_log, FILENAME = N'/var/opt/mssql/data/${file}.ldf')`;
}

/** A client beside the product: what a user's application would do. */
export async function openWorkload(port: number, password: string, host = '127.0.0.1'): Promise<Workload> {
  const pool = await new sql.ConnectionPool({
    server: host,
    port,
    user: 'sa',
    password,
    requestTimeout: 60_000,
    options: { encrypt: true, trustServerCertificate: true, appName: 'workload' },
  }).connect();
  const query = async <T>(text: string): Promise<T[]> => [...((await pool.request().query<T>(text)).recordset ?? [])];
  const now = async (): Promise<string> => {
    const [row] = await query<{ at: string }>('SELECT CONVERT(varchar(33), SYSUTCDATETIME(), 126) AS at');
    return `${row?.at.slice(0, 23)}Z`;
  };
  return {
    query,
    now,
    async create(database) {
      const name = quoteName(database);
      await pool.request().batch(`CREATE DATABASE ${name} ${filesOf(database)}`);
      await pool.request().batch(`ALTER DATABASE ${name} SET RECOVERY FULL`);
      await pool
        .request()
        .batch(`CREATE TABLE ${name}.dbo.events (id int IDENTITY PRIMARY KEY, note nvarchar(100) NOT NULL)`);
    },
    async write(database, note) {
      await pool.request().batch(`INSERT INTO ${quoteName(database)}.dbo.events (note) VALUES (${quoteString(note)})`);
      return now();
    },
    async notes(database) {
      const rows = await query<{ note: string }>(`SELECT note FROM ${quoteName(database)}.dbo.events ORDER BY id`);
      return rows.map((row) => row.note);
    },
    close: () => pool.close(),
  };
}
