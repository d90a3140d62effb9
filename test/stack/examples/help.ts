import assert from 'node:assert/strict';
import { runCli } from '../../client/cli.ts';
import { commandsOfHelp, type Example } from './documents.ts';

/** The examples in the help of every command, found as people find them: each help names the commands below it. */
export async function examplesOfHelp(path: readonly string[] = []): Promise<Example[]> {
  const { code, stdout } = await runCli([...path, '--help'], { env: { COLUMNS: '120' } });
  assert.equal(code, 0);
  const where = ['mssql-pitr', ...path, '--help'].join(' ');
  const own = commandsOfHelp(stdout).map((command) => ({ command, where }));
  const [, below = ''] = /^Commands:\n((?: {2}.*\n?)*)/m.exec(stdout) ?? [];
  const names = [...below.matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  for (const name of names) own.push(...(await examplesOfHelp([...path, name])));
  return own;
}
