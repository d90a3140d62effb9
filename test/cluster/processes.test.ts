import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { withLock } from './host/lock.ts';
import { processesIn, startTicks } from './host/processes.ts';
import { waitFor } from './host/wait.ts';

describe('processes of a cluster', { skip: process.platform !== 'linux' ? 'needs /proc' : false }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pitr-processes-'));
  });
  after(() => rm(folder, { recursive: true }));
  const processes = () => processesIn(join(folder, 'records'), join(folder, 'logs'));

  it('are found again by a later process, and killed with their children', async () => {
    const { pid } = processes().launch({ name: 'a', command: 'sh', args: ['-c', 'sleep 1000 & echo $!; wait'] });
    const log = join(folder, 'logs', 'a.log');
    await waitFor('its child', async () => (await readFile(log, 'utf8')) !== '');
    const child = Number(await readFile(log, 'utf8'));
    const later = processes();
    assert.equal(later.running('a')?.pid, pid);
    await later.kill('a');
    assert.equal(later.running('a'), null);
    await waitFor('the end of its child', () => startTicks(child) === null);
    await later.kill('a');
  });

  it('are told from another process that has got their id', async () => {
    processes().launch({ name: 'b', command: 'true', args: [] });
    await waitFor('its end', () => processes().running('b') === null);
    await writeFile(join(folder, 'records', 'b.json'), JSON.stringify({ pid: process.pid, ticks: '1' }));
    assert.equal(processes().running('b'), null);
    await processes().kill('b');
  });

  it('are reported with their last words when they have ended', async () => {
    processes().launch({ name: 'c', command: 'sh', args: ['-c', 'echo out of luck; exit 1'] });
    await waitFor('its end', () => processes().running('c') === null);
    assert.throws(() => processes().mustRun('c'), /c has ended .*c\.log\): out of luck/);
  });

  it('of which one holds a lock keep others out until it is done', async () => {
    const order: string[] = [];
    const path = join(folder, 'lock');
    const first = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const one = withLock(path, async () => {
      held.resolve();
      await first.promise;
      order.push('one');
    });
    await held.promise;
    const two = withLock(path, async () => void order.push('two'));
    first.resolve();
    await Promise.all([one, two]);
    assert.deepEqual(order, ['one', 'two']);
  });
});
