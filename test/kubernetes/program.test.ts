import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { openReader, resultLines, type Outcome } from '../../activities/executor/program/output.ts';
import { packTask, unpackTask } from '../../activities/executor/program/task-file.ts';
import { exitCodes, variables, type ProgramTask } from '../../activities/executor/program/tasks.ts';
import type { Roots } from '../../activities/executor/tasks.ts';
import { makeRoots, stageFile } from '../executor/support.ts';

const main = fileURLToPath(new URL('../../activities/executor/main.ts', import.meta.url));

/** The program as a container runs it; `as`: a command that makes it another user. */
function start(roots: Roots, task: string, as: readonly string[] = []) {
  const folder = join(dirname(roots.store), 'task');
  mkdirSync(folder);
  writeFileSync(join(folder, 'task.json'), task);
  const env = { ...process.env, [variables.store]: roots.store, [variables.sql]: roots.sql, [variables.task]: folder };
  const [command = '', ...args] = [...as, process.execPath, main];
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const reader = openReader();
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      lines.push(line);
      reader.take(line);
    }
  });
  const ended = new Promise<{ code: number | null; outcome: Outcome | null }>((resolve) => {
    child.once('close', (code) => resolve({ code, outcome: reader.outcome() }));
  });
  return { child, ended, lines };
}

const task = (name: string, input: object): string => JSON.stringify({ formatVersion: 1, task: name, input });

describe("the executor's program", () => {
  it('does its task and says the result as a line of its log', async (t) => {
    const roots = makeRoots(t);
    stageFile(roots.sql, 'backup-mssql/run1/a.bak', 10);
    const { ended, lines } = start(roots, task('listStaged', { path: 'backup-mssql' }));
    const { code, outcome } = await ended;
    assert.equal(code, exitCodes.done);
    assert.ok(outcome?.ok);
    assert.match(JSON.stringify(outcome.result), /"path":"backup-mssql\/run1\/a\.bak","sizeBytes":10/);
    for (const line of lines.filter((text) => text !== '')) assert.ok(JSON.parse(line));
  });

  it('says a failure of the vocabulary, and ends with a code that is not tried again', async (t) => {
    const { ended } = start(makeRoots(t), task('removeFolder', { path: '../../etc', recursive: true }));
    const { code, outcome } = await ended;
    assert.equal(code, exitCodes.failed);
    assert.ok(outcome?.ok === false);
    assert.equal(outcome.failure.type, 'InvalidInput');
    assert.match(outcome.failure.message, /Correct the input/);
  });

  it('says a fault of its own as such', async (t) => {
    for (const wrong of ['{', JSON.stringify({ formatVersion: 2 }), task('nonsense', {})]) {
      const { code, outcome } = await start(makeRoots(t), wrong).ended;
      assert.equal(code, exitCodes.broken, wrong);
      assert.ok(outcome?.ok === false && outcome.failure.type === null, wrong);
    }
  });

  it('stops when it is told to, without an outcome', async (t) => {
    const roots = makeRoots(t);
    for (let i = 0; i < 40; i += 1) stageFile(roots.sql, `backup-mssql/run1/${i}.bak`, 5_000_000);
    const staged = Array.from({ length: 40 }, (_, i) => ({
      stagedFiles: [`backup-mssql/run1/${i}.bak`],
      set: { id: String(i), database: `db${i}`, kind: 'full', startedAt: '2026-02-10T06:54:34Z' },
    }));
    const { child, ended, lines } = start(roots, task('commit', { instance: 'mssql-rt', sets: staged }));
    child.stdout.once('data', () => child.kill('SIGTERM'));
    const { code, outcome } = await ended;
    assert.equal(code, exitCodes.stopped, lines.join('\n'));
    assert.equal(outcome, null);
    assert.match(lines.join('\n'), /stopped after .* the program got SIGTERM/);
  });

  it(
    'makes folders for SQL Server as a pod has to: not as root, on a volume of its group',
    { skip: !canBePod() },
    async (t) => {
      // kubelet gives a volume with an fsGroup to root and that group, with setgid ("Configure a Security Context").
      const roots = podRoots(t);
      const as = ['setpriv', '--reuid=10001', '--regid=0', '--groups=10001', '--'];
      const { code, outcome } = await start(roots, task('makeFolder', { path: 'backup-mssql/run1' }), as).ended;
      assert.deepEqual([code, outcome], [exitCodes.done, { ok: true, result: { output: {} } }]);
      const { uid, gid, mode } = statSync(join(roots.sql, 'backup-mssql/run1'));
      assert.deepEqual([uid, gid, mode & 0o777], [10001, 10001, 0o770]);
    },
  );
});

function canBePod(): boolean {
  return process.geteuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;
}

function podRoots(t: TestContext): Roots {
  const roots = makeRoots(t);
  chmodSync(dirname(roots.sql), 0o755);
  chownSync(roots.sql, 0, 10001);
  chmodSync(roots.sql, 0o2775);
  return roots;
}

describe('a result in a log', () => {
  const read = (lines: readonly string[]): Outcome | null => {
    const reader = openReader();
    for (const line of lines) reader.take(line);
    return reader.outcome();
  };
  const written = (result: unknown): string[] =>
    resultLines(result).map((line) => JSON.stringify({ time: '2026-02-10T06:54:34Z', ...line }));

  it('comes back as it was, whatever it holds, among lines of others and read twice', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, times) => {
        const lines = written({ output: value });
        const noise = ['(node:1) Warning: x', '', '{"kind":"message"', 'null', '[1]'];
        const all = [...noise, ...Array.from({ length: times + 1 }, () => lines).flat(), ...noise];
        assert.deepEqual(read(all), { ok: true, result: JSON.parse(JSON.stringify({ output: value })) as unknown });
      }),
      { numRuns: 200 },
    );
  });

  it('is cut when it is large, into lines that no log cuts again, and is nothing before the last of them', () => {
    const result = { output: Array.from({ length: 20_000 }, (_, i) => `${i} ${Math.random()}`) };
    const lines = written(result);
    assert.ok(lines.length > 10);
    assert.ok(lines.every((line) => line.length < 16 * 1024));
    assert.equal(read(lines.slice(1)), null);
    assert.deepEqual(read(lines.toReversed()), { ok: true, result });
  });

  it('is refused when it is not what its digest says', () => {
    const lines = written({ output: 'x'.repeat(50_000) });
    const other = resultLines({ output: 'y'.repeat(50_000) })[0];
    assert.ok(other?.kind === 'part');
    const forged = lines.map((line) => JSON.stringify({ ...(JSON.parse(line) as object), gzip: other.gzip }));
    assert.throws(() => read(forged), /not what its digest says/);
  });

  it('is refused when it would not fit into a log', () => {
    const random = Buffer.from(Array.from({ length: 6_000_000 }, () => Math.floor(Math.random() * 256)));
    assert.throws(() => resultLines({ output: random.toString('base64') }), /does not fit into a log/);
  });
});

describe('the input of a task', () => {
  const unpacked = (packed: ReturnType<typeof packTask>): Promise<ProgramTask> =>
    unpackTask(async (name) => {
      if ('parts' in packed) return packed.parts.find((each) => each.name === name)?.bytes ?? null;
      return packed.inline.name === name ? Buffer.from(packed.inline.text) : null;
    });
  const writeFile = (text: string): ProgramTask => ({
    formatVersion: 1,
    task: 'writeFile',
    input: { path: 'a', text },
  });
  const randomText = (bytes: number): string => {
    const buffer = Buffer.alloc(bytes);
    for (let i = 0; i < bytes; i += 1) buffer[i] = Math.floor(Math.random() * 256);
    return buffer.toString('base64');
  };

  it('goes with the pod, and can be read by people when it is small', async () => {
    const packed = packTask(writeFile('x'));
    assert.ok('inline' in packed);
    assert.deepEqual(JSON.parse(packed.inline.text), writeFile('x'));
    assert.deepEqual(await unpacked(packed), writeFile('x'));
  });

  it('goes with the pod as long as it fits into an annotation', async () => {
    for (const text of [randomText(50_000), 'ü'.repeat(1_000_000)]) {
      const packed = packTask(writeFile(text));
      assert.ok('inline' in packed && packed.inline.text.length < 200_000);
      assert.deepEqual(await unpacked(packed), writeFile(text));
    }
  });

  it('is cut into parts that fit into a ConfigMap when it is large', async () => {
    const large = writeFile(randomText(3_000_000));
    const packed = packTask(large);
    assert.ok('parts' in packed && packed.parts.length > 3);
    assert.ok(packed.parts.every(({ bytes }) => bytes.length < 1024 * 1024));
    assert.deepEqual(await unpacked({ parts: packed.parts.toReversed() }), large);
  });

  it('is refused when it is larger than a Job can be given', () => {
    assert.throws(() => packTask(writeFile(randomText(30_000_000))), { type: 'InvalidInput' });
  });
});
