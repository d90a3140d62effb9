import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { candidates } from '../../client/completion/candidates.ts';
import { completionScripts } from '../../client/completion/scripts.ts';
import { backupCommand } from '../../client/commands/backup.ts';
import { restoreCommand } from '../../client/commands/restore.ts';
import { cliMain, runCli } from './cli.ts';

const run = promisify(execFile);

describe('what may come next', () => {
  const root = new Command('mssql-pitr').option('--config <file>').option('--json');
  root.addCommand(backupCommand()).addCommand(restoreCommand());
  const list = root.command('list');
  list.command('long');
  list.command('secret', { hidden: true });
  const after = (...words: string[]): string[] => candidates(root, words, () => ['mssql-hr', 'mssql-rt']);

  it('is a command', () => {
    assert.deepEqual(after(''), ['backup', 'help', 'list', 'restore']);
    assert.deepEqual(after('re'), ['restore']);
    assert.deepEqual(after('list', ''), ['help', 'long'], 'what is hidden is not offered');
  });

  it('is an instance of temporal.yaml, as argument or as value of an option', () => {
    assert.deepEqual(after('backup', 'mssql-r'), ['mssql-rt']);
    assert.deepEqual(after('restore', 'mssql-rt', '--target', ''), ['mssql-hr', 'mssql-rt']);
  });

  it('is a choice of an option', () => {
    assert.deepEqual(after('backup', 'mssql-rt', '--kind', ''), ['differential', 'full', 'log']);
    assert.deepEqual(after('backup', 'mssql-rt', '--kind', 'log', '--js'), ['--json']);
  });

  it('is an option, those of the whole program included', () => {
    const options = after('restore', 'mssql-rt', '--');
    for (const option of ['--to', '--target', '--plan', '--config', '--help'])
      assert.ok(options.includes(option), option);
  });

  it('is left to the shell where only the user knows it', () => {
    assert.deepEqual(after('restore', 'mssql-rt', '--to', ''), []);
    assert.deepEqual(after('--config', ''), []);
  });
});

describe('completion in a shell', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pitr-complete-'));
    writeFileSync(join(folder, 'temporal.yaml'), 'instances:\n  mssql-rt: {}\n  other: {}\n');
    writeFileSync(join(folder, 'mssql-pitr'), `#!/bin/sh\nexec ${process.execPath} ${cliMain} "$@"\n`, { mode: 0o755 });
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is printed for bash, zsh and fish, and for no other', async () => {
    for (const shell of ['bash', 'zsh', 'fish'] as const) {
      const { code, stdout } = await runCli(['completion', shell]);
      assert.deepEqual([code, stdout], [0, completionScripts[shell]]);
    }
    assert.equal((await runCli(['completion', 'tcsh'])).code, 2);
  });

  it('works in bash', async () => {
    const script = `
      source <(mssql-pitr completion bash)
      COMP_WORDS=(mssql-pitr backup mssql) COMP_CWORD=2
      _mssql_pitr
      printf '%s\\n' "\${COMPREPLY[@]}"
      COMP_WORDS=(mssql-pitr backup mssql-rt --kind '') COMP_CWORD=4
      _mssql_pitr
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, MSSQL_PITR_CONFIG: '' };
    const { stdout } = await run('bash', ['-c', script], { cwd: folder, env });
    assert.deepEqual(stdout.trim().split('\n'), ['mssql-rt', 'differential', 'full', 'log']);
  });
});
