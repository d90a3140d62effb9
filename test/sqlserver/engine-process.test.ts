import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import sql from 'mssql';
import { startSqlServer, type SqlServerProcess } from '../support/sqlserver.ts';

function connect(server: SqlServerProcess, database: string): Promise<sql.ConnectionPool> {
  return new sql.ConnectionPool({
    server: server.host,
    port: server.port,
    user: 'sa',
    password: server.password,
    database,
    options: { encrypt: true, trustServerCertificate: true },
    pool: { max: 4 },
    requestTimeout: 60_000,
  }).connect();
}

/** Inserts until the connection breaks; returns what was acknowledged. */
async function insertUntilItEnds(pool: sql.ConnectionPool, from: number): Promise<readonly number[]> {
  const acknowledged: number[] = [];
  for (let id = from; ; id += 1) {
    try {
      await pool.request().input('id', id).query('INSERT dbo.t (id) VALUES (@id)');
    } catch {
      return acknowledged;
    }
    acknowledged.push(id);
  }
}

test('kill -9 under load loses no row that a client was told of, and a clean stop is clean', async () => {
  const dataRoot = mkdtempSync(join(tmpdir(), 'sim-process-'));
  let server = await startSqlServer({ dataRoot, serverName: 'sql1' });
  try {
    const { password, port } = server;
    const setup = await connect(server, 'master');
    await setup.request().batch('CREATE DATABASE shop');
    await setup.request().batch('USE shop; CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY)');
    await setup.close();
    const pool = await connect(server, 'shop');
    pool.on('error', () => undefined);
    const writers = [0, 1, 2, 3].map((n) => insertUntilItEnds(pool, n * 1_000_000));
    const stored = async () => {
      const { recordset } = await pool.request().query<{ n: number }>('SELECT COUNT(*) AS n FROM dbo.t');
      return recordset[0]?.n ?? 0;
    };
    while ((await stored()) < 300);
    await server.kill();
    const acknowledged = (await Promise.all(writers)).flat();
    await pool.close();
    server = await startSqlServer({ dataRoot, serverName: 'sql1', password, port });
    const again = await connect(server, 'shop');
    const { recordset } = await again.request().query<{ id: number }>('SELECT id FROM dbo.t');
    await again.close();
    const found = new Set(recordset.map((row) => row.id));
    assert.ok(acknowledged.length >= 300);
    assert.deepEqual(
      acknowledged.filter((id) => !found.has(id)),
      [],
    );
    // At most the statement that each writer had under way may be there without having been acknowledged.
    assert.ok(found.size <= acknowledged.length + 4);
    await server.stop();
    assert.match(readFileSync(join(dataRoot, 'log', 'errorlog'), 'utf8'), /terminating because of a system shutdown/);
  } finally {
    await server.kill();
    rmSync(dataRoot, { recursive: true, force: true });
  }
});
