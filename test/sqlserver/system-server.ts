import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import sql from 'mssql';

const password = 'Catalog-Test-1';
const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** A server process of its own, and pools on it through the production driver. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  connect(options?: {
    readonly user?: string;
    readonly password?: string;
    readonly database?: string;
  }): Promise<sql.ConnectionPool>;
}

export async function startServer(): Promise<TestServer> {
  const root = mkdtempSync(join(tmpdir(), 'sim-catalog-'));
  const child = spawn(process.execPath, [main, '--data-root', root, '--port', '0', '--server-name', 'sql1'], {
    env: { ...process.env, MSSQL_SA_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stopped = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    rmSync(root, { recursive: true, force: true });
  };
  const first = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const ready = await Promise.race([first, exited.then(() => undefined)]);
  if (ready === undefined) {
    rmSync(root, { recursive: true, force: true });
    throw new Error('the server ended before it was ready');
  }
  const { port } = JSON.parse(ready[0]) as { readonly port: number };
  const pools: sql.ConnectionPool[] = [];
  return {
    port,
    async connect({ user = 'sa', password: given = password, database = 'master' } = {}) {
      const pool = new sql.ConnectionPool({
        server: '127.0.0.1',
        port,
        user,
        password: given,
        database,
        pool: { min: 0, max: 2 },
        options: { encrypt: true, trustServerCertificate: true },
        requestTimeout: 30_000,
      });
      pools.push(pool);
      return pool.connect();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pools.map((pool) => pool.close()));
      await stopped();
    },
  };
}
