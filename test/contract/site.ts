import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import type { SqlServerControl } from '../support/sqlserver-control.ts';
import { startSqlServer } from '../support/sqlserver.ts';
import { connect, type Client, type ClientOptions } from './client.ts';

/** Only the simulated server has them. */
interface Inside {
  readonly control: SqlServerControl;
  /** Where a file of the server lies on this machine. */
  hostPath(path: string): string;
}

/** A server that the cases of one file ask, and what they make on it. */
export interface Site {
  readonly real: boolean;
  readonly host: string;
  readonly port: number;
  /** Folder on the server for backups and moved files of this run. */
  readonly folder: string;
  readonly sa: Client;
  /** @throws Error on a real server: cases that need it say so */
  readonly inside: Inside;
  connect(options?: Partial<ClientOptions>): Promise<Client>;
  /** A name that nobody else has. */
  name(label: string): string;
  path(file: string): string;
  /** A new database with a table t (id, note). */
  database(label: string, model?: 'FULL' | 'SIMPLE' | 'BULK_LOGGED'): Promise<string>;
  /** A login with a user in no database. */
  login(label: string): Promise<{ readonly user: string; readonly password: string }>;
  /** MOVE clauses that put the files of one database beside those of another name. */
  moved(source: string, target: string): string;
  notes(database: string): Promise<readonly string[]>;
  /** Server-local time; commits before and after the call are apart from it by more than datetime can tell. */
  moment(): Promise<string>;
  /** Leaves nothing behind; tells what it could not remove. */
  close(): Promise<readonly string[]>;
}

const DATA = '/var/opt/mssql/data';

interface Server {
  readonly login: ClientOptions;
  readonly inside: Inside | null;
  stop(): Promise<void>;
}

function realServer(url: string): Server {
  const { hostname, port, username, password } = new URL(url);
  return {
    login: {
      server: hostname,
      port: Number(port || 1433),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
    },
    inside: null,
    stop: async () => undefined,
  };
}

async function simulatedServer(): Promise<Server> {
  const dataRoot = await mkdtemp(join(tmpdir(), 'mssql-pitr-contract-'));
  await mkdir(join(dataRoot, 'data'), { recursive: true });
  const server = await startSqlServer({ dataRoot, serverName: 'contract' });
  return {
    login: { server: server.host, port: server.port, user: 'sa', password: server.password },
    inside: {
      control: server.control,
      hostPath: (path) => path.replace('/var/opt/mssql', dataRoot),
    },
    async stop() {
      await server.kill();
      await rm(dataRoot, { recursive: true, force: true });
    },
  };
}

export async function openSite(): Promise<Site> {
  const { MSSQL_CONTRACT_URL: url } = process.env;
  const server = url === undefined ? await simulatedServer() : realServer(url);
  const sa = await connect(server.login);
  const prefix = `ctr${randomBytes(4).toString('hex')}`;
  const folder = `${DATA}/${prefix}`;
  await sa.must(`EXEC master.sys.xp_create_subdir ${quoteString(folder)}`);
  const clients = [sa];
  const logins: string[] = [];
  let count = 0;

  const site: Site = {
    real: url !== undefined,
    host: server.login.server,
    port: server.login.port,
    folder,
    sa,
    get inside() {
      if (server.inside === null) throw new Error('a real server has no control port');
      return server.inside;
    },
    async connect(options) {
      const client = await connect({ ...server.login, ...options });
      clients.push(client);
      return client;
    },
    name: (label) => `${prefix}_${(count += 1)}_${label}`,
    path: (file) => `${folder}/${(count += 1)}-${file}`,
    async database(label, model = 'FULL') {
      const name = site.name(label);
      await sa.must(`CREATE DATABASE ${quoteName(name)}`);
      await sa.must(`ALTER DATABASE ${quoteName(name)} SET RECOVERY ${model}`);
      await sa.must(`CREATE TABLE ${quoteName(name)}.dbo.t (id int IDENTITY PRIMARY KEY, note nvarchar(100) NOT NULL)`);
      return name;
    },
    async login(label) {
      const user = site.name(label);
      const password = `Pw-${randomBytes(9).toString('base64url')}!1`;
      await sa.must(`CREATE LOGIN ${quoteName(user)} WITH PASSWORD = ${quoteString(password)}`);
      logins.push(user);
      return { user, password };
    },
    moved: (source, target) =>
      `MOVE ${quoteString(source)} TO ${quoteString(`${folder}/${target}.mdf`)}, MOVE ${quoteString(`${source}_log`)} TO ${quoteString(`${folder}/${target}_log.ldf`)}`,
    async notes(database) {
      const rows = await sa.rows(`SELECT note FROM ${quoteName(database)}.dbo.t ORDER BY id`);
      return rows.map((row) => String(row['note']));
    },
    async moment() {
      const { at } = await sa.row(`
        WAITFOR DELAY '00:00:00.030';
        DECLARE @at datetime = SYSDATETIME();
        WAITFOR DELAY '00:00:00.030';
        SELECT CONVERT(varchar(23), @at, 126) AS at`);
      return String(at);
    },
    async close() {
      const left: string[] = [];
      const attempt = async (text: string): Promise<void> => {
        const { code, said } = await sa.run(text);
        if (code !== null) left.push(`${text}: ${said.map((one) => one.text).join(' ')}`);
      };
      if (site.real) {
        await Promise.all(clients.slice(1).map((client) => client.close()));
        const found = await sa.rows(
          `SELECT name, state, is_in_standby FROM sys.databases WHERE LEFT(name, ${prefix.length}) = ${quoteString(prefix)}`,
        );
        for (const row of found) {
          const name = quoteName(String(row['name']));
          if (row['state'] === 0 && row['is_in_standby'] === false) {
            await attempt(`ALTER DATABASE ${name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`);
          }
          await attempt(`DROP DATABASE ${name}`);
          await attempt(
            `EXEC msdb.dbo.sp_delete_database_backuphistory @database_name = ${quoteString(String(row['name']))}`,
          );
        }
        for (const login of logins) await attempt(`DROP LOGIN ${quoteName(login)}`);
        for (const extension of ['bak', 'trn']) {
          await attempt(
            `DECLARE @until nvarchar(19) = CONVERT(nvarchar(19), DATEADD(day, 1, SYSDATETIME()), 126);
             EXEC master.dbo.xp_delete_file 0, ${quoteString(folder)}, N'${extension}', @until`,
          );
        }
        // No procedure of the server removes a folder.
        const { sets } = await sa.run(`EXEC master.sys.xp_dirtree ${quoteString(folder)}, 1, 1`);
        const files = (sets[0] ?? []).map((row) => String(Object.values(row)[0]));
        left.push(`${folder}${files.length === 0 ? ', now empty' : ` with ${files.join(', ')}`}`);
        await sa.close();
      } else {
        await Promise.all(clients.map((client) => client.close()));
      }
      await server.stop();
      return left;
    },
  };
  return site;
}
