import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startFake } from './fake.ts';

export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly password: string;
}

const simulator = join(import.meta.dirname, '..', 'sqlserver', 'main.ts');

export function startServer(): Promise<RunningServer> {
  return existsSync(simulator) ? startSimulator() : startFake();
}

async function startSimulator(): Promise<RunningServer> {
  const password = 'Pä55-wörd€!';
  const root = await mkdtemp(join(tmpdir(), 'mssql-pitr-clients-'));
  const child = spawn(process.execPath, [simulator, '--data-root', root, '--port', '0'], {
    env: { ...process.env, MSSQL_SA_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill();
    await closed;
    await rm(root, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const { port } = JSON.parse(line) as { port: number };
    child.stdout.resume();
    return { port, password, [Symbol.asyncDispose]: stop };
  }
  await stop();
  throw new Error('The simulated server ended before it was ready.');
}
