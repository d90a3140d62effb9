import sql from 'mssql';
import { Connection } from 'tedious';
import type { ConnectionConfiguration, Request } from 'tedious';
import type { FakeInstance } from './fake-server.ts';
import { PASSWORD } from './fake-server.ts';

export interface Pool extends AsyncDisposable {
  readonly pool: sql.ConnectionPool;
}

export async function openPool(instance: FakeInstance, config: Partial<sql.config> = {}): Promise<Pool> {
  const pool = new sql.ConnectionPool({
    server: '127.0.0.1',
    port: instance.port,
    user: 'sa',
    password: PASSWORD,
    pool: { max: 1 },
    ...config,
    options: { encrypt: false, trustServerCertificate: true, ...config.options },
  });
  await pool.connect();
  return { pool, [Symbol.asyncDispose]: () => pool.close() };
}

export interface TediousConnection extends AsyncDisposable {
  readonly connection: Connection;
  /** Settles with the request's completion callback. */
  run(make: (done: (error?: Error | null) => void) => Request): Promise<void>;
}

export async function openTedious(
  instance: FakeInstance,
  options: ConnectionConfiguration['options'] = {},
): Promise<TediousConnection> {
  const connection = new Connection({
    server: 'localhost',
    authentication: { type: 'default', options: { userName: 'sa', password: PASSWORD } },
    options: { port: instance.port, encrypt: false, trustServerCertificate: true, ...options },
  });
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  return {
    connection,
    run: (make) =>
      new Promise((resolve, reject) => {
        const request = make((error) => (error ? reject(error) : resolve()));
        if (request.parameters.length === 0) connection.execSqlBatch(request);
        else connection.execSql(request);
      }),
    async [Symbol.asyncDispose]() {
      const ended = new Promise<void>((resolve) => connection.once('end', () => resolve()));
      connection.close();
      await ended;
    },
  };
}

/** Polls until the condition holds; the deadline only ends a test that has failed. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`This never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
