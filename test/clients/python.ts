import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pythonPackage } from './install.ts';
import { isInstalled, run } from './run.ts';
import { assertScenario } from './scenario.ts';
import { startServer } from './support.ts';

export interface PythonClient {
  readonly requirement: string;
  readonly program: string;
  readonly env?: () => Promise<Readonly<Record<string, string>>>;
}

/** Runs a Python program of this folder against a server of its own. */
export async function runPythonClient(context: TestContext, client: PythonClient): Promise<void> {
  if (!(await isInstalled('python3', ['-m', 'venv', '--help']))) {
    context.skip('python3 with venv is not installed');
    return;
  }
  const python = await pythonPackage(client.requirement);
  await using server = await startServer();
  const database = client.program.replace(/\.py$/, '');
  const args = [join(import.meta.dirname, client.program), '127.0.0.1', String(server.port), server.password, database];
  assertScenario(await run(python, args, { env: { PYTHONIOENCODING: 'utf-8', ...(await client.env?.()) } }));
}
