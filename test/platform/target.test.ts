import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inLanes } from '../../activities/executor/io/lanes.ts';
import { createPlatform } from '../../activities/platform/index.ts';
import { readMade, stateFile } from '../../activities/platform/local/made-instance.ts';
import { listens } from '../../activities/platform/local/ports.ts';
import { processesOf } from '../../activities/platform/local/processes.ts';
import { control, isRunning, makeHost, starts, until, type Host } from './support.ts';

const createChild = fileURLToPath(new URL('./create-child.ts', import.meta.url));

function create(host: Host, name = 'new-1', restoreId = 'restore-1'): Promise<{ readonly created: boolean }> {
  return createPlatform(host.settings).createTarget(name, 'src', restoreId, control);
}

test('a target is made from the command, listens, and is known from then on', async (t) => {
  process.env['TEMPORAL_API_KEY'] = 'of the worker';
  t.after(() => delete process.env['TEMPORAL_API_KEY']);
  const host = await makeHost(t);
  const platform = createPlatform(host.settings);
  assert.equal(await platform.exists('new-1'), false);
  assert.deepEqual(await create(host), { created: true });

  assert.equal(await platform.exists('new-1'), true);
  const endpoint = await platform.endpoint('new-1');
  assert.deepEqual([endpoint.host, endpoint.user, endpoint.password], ['127.0.0.1', 'sa', 'S3cret! of src']);
  assert.ok(await listens('127.0.0.1', endpoint.port));
  const written = readFileSync(join(host.dataRoot('new-1'), 'environment.json'), 'utf8');
  const environment = JSON.parse(written) as Record<string, string>;
  assert.equal(environment['MSSQL_SA_PASSWORD'], 'S3cret! of src');
  assert.equal(environment['ACCEPT_EULA'], 'Y');
  assert.equal(environment['TEMPORAL_API_KEY'], undefined);
  assert.equal(readFileSync(join(host.dataRoot('new-1'), 'mssql-pitr-server.log'), 'utf8'), 'listening\n');
  assert.equal(statSync(host.dataRoot('new-1')).mode & 0o777, 0o770);
  assert.ok(!readFileSync(stateFile(host.dataRoot('new-1')), 'utf8').includes('S3cret'), 'no secret is written down');
});

test('making it again for the same restore finds it; for another restore it exists already', async (t) => {
  const host = await makeHost(t);
  await create(host);
  assert.deepEqual(await create(host), { created: true });
  assert.deepEqual(await create(host, 'new-1', 'restore-2'), { created: false });
  assert.equal(starts(host.dataRoot('new-1')).length, 1);
});

test('a server that was started and not yet written down is found, not started twice', async (t) => {
  const host = await makeHost(t);
  await create(host);
  const made = await readMade(host.dataRoot('new-1'));
  const { process: written, ...rest } = made!;
  writeFileSync(stateFile(made!.dataRoot), JSON.stringify({ ...rest, process: null }));
  assert.deepEqual(await create(host), { created: true });
  assert.equal(starts(host.dataRoot('new-1')).length, 1);
  assert.deepEqual((await readMade(host.dataRoot('new-1')))?.process, written);
});

test('a pid that was given to another process since is not taken for the server, and not ended', async (t) => {
  const host = await makeHost(t);
  await create(host);
  const made = await readMade(host.dataRoot('new-1'));
  const [first] = starts(host.dataRoot('new-1'));
  process.kill(first!, 'SIGKILL');
  await until('the server is gone', () => (isRunning(first!) ? null : true));
  const stranger = { pid: process.pid, startTicks: 1 };
  writeFileSync(stateFile(made!.dataRoot), JSON.stringify({ ...made, process: stranger }));
  assert.deepEqual(await create(host), { created: true });
  assert.equal(starts(host.dataRoot('new-1')).length, 2);
  assert.equal(await createPlatform(host.settings).removeTarget('new-1', 'restore-1'), true);
});

test('only the restore that made it removes it, with its processes and its data', async (t) => {
  const host = await makeHost(t);
  const platform = createPlatform(host.settings);
  await create(host);
  const [pid] = starts(host.dataRoot('new-1'));
  assert.equal(await platform.removeTarget('new-1', 'restore-2'), false);
  assert.ok(isRunning(pid!));
  assert.equal(await platform.removeTarget('new-1', 'restore-1'), true);
  assert.ok(!isRunning(pid!));
  assert.deepEqual(
    readdirSync(join(host.folder, 'made')).filter((name) => !name.startsWith('.')),
    [],
  );
  assert.equal(await platform.removeTarget('new-1', 'restore-1'), false);
  assert.equal(await platform.exists('new-1'), false);
});

test('a declared instance is neither made nor removed', async (t) => {
  const host = await makeHost(t);
  const platform = createPlatform(host.settings);
  assert.deepEqual(await create(host, 'plain'), { created: false });
  assert.equal(await platform.removeTarget('plain', 'restore-1'), false);
  assert.ok(existsSync(join(host.folder, 'src')));
});

test('an instance that cannot be made is refused with the reason', async (t) => {
  const host = await makeHost(t);
  const platform = createPlatform(host.settings);
  await assert.rejects(platform.createTarget('new-1', 'plain', 'r', control), {
    type: 'UnknownInstance',
    message: /newInstance/,
  });
  await assert.rejects(create(host, '../escape'), { type: 'InvalidInput' });
  mkdirSync(host.dataRoot('new-1'));
  writeFileSync(join(host.dataRoot('new-1'), 'precious'), 'x');
  await assert.rejects(create(host), { type: 'TargetFailed', message: /left alone/ });
  assert.deepEqual(readdirSync(host.dataRoot('new-1')), ['precious']);
});

test('a server outlives the SIGKILL of its worker, and the next worker finds it', async (t) => {
  const host = await makeHost(t);
  const input = JSON.stringify({
    settings: host.settings,
    target: 'new-1',
    restoreId: 'restore-1',
    dieAt: 0,
    stay: true,
  });
  const worker = spawn(process.execPath, [createChild, input], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  await new Promise((resolve) => worker.stdout.once('data', resolve).once('close', resolve));
  process.kill(-worker.pid!, 'SIGKILL');
  await new Promise((resolve) => worker.once('close', resolve));

  const [pid] = starts(host.dataRoot('new-1'));
  assert.ok(isRunning(pid!));
  assert.deepEqual(await create(host), { created: true });
  assert.deepEqual(starts(host.dataRoot('new-1')), [pid]);
  assert.equal(await createPlatform(host.settings).removeTarget('new-1', 'restore-1'), true);
  assert.ok(!isRunning(pid!));
});

test('a worker that dies anywhere while it makes a target leaves what the next one completes or removes', async (t) => {
  const run = async (host: Host, dieAt: number): Promise<{ calls: number } | null> => {
    const input = JSON.stringify({
      settings: host.settings,
      target: 'new-1',
      restoreId: 'restore-1',
      dieAt,
      stay: false,
    });
    const worker = spawn(process.execPath, [createChild, input], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    worker.stdout.on('data', (text: Buffer) => (output += text.toString()));
    await new Promise((resolve) => worker.once('close', resolve));
    return worker.signalCode === 'SIGKILL' ? null : (JSON.parse(output) as { calls: number });
  };
  const whole = await run(await makeHost(t), 0);
  assert.ok(whole !== null && whole.calls > 15, `there are calls to die at (${whole?.calls})`);
  const stride = process.env['PITR_KILL'] === 'all' ? 1 : 3;
  const first = 1 + Math.floor(Math.random() * stride);
  const points = Array.from({ length: Math.ceil((whole.calls - first + 1) / stride) }, (_, i) => first + i * stride);
  await inLanes(points, 2, async (point) => {
    const host = await makeHost(t);
    assert.equal(await run(host, point), null, `killed at call ${point}`);
    const platform = createPlatform(host.settings);
    if (point % 2 === 0) {
      assert.deepEqual(await create(host), { created: true }, `after death at call ${point}`);
      const made = await readMade(host.dataRoot('new-1'));
      assert.deepEqual(await processesOf(made!.token), [made!.process], 'there is one server, and it is written down');
    }
    await platform.removeTarget('new-1', 'restore-1');
    assert.deepEqual(
      readdirSync(join(host.folder, 'made')).filter((name) => !name.startsWith('.')),
      [],
      `after death at call ${point}`,
    );
  });
});

test('a made server that has died is started again on its data and port', async (t) => {
  const host = await makeHost(t);
  await create(host);
  const platform = createPlatform(host.settings);
  const { port } = await platform.endpoint('new-1');
  const [first] = starts(host.dataRoot('new-1'));
  process.kill(first!, 'SIGKILL');
  await until('the server is gone', () => (isRunning(first!) ? null : true));

  assert.equal(await platform.exists('new-1'), true);
  assert.deepEqual(await create(host, 'new-1', 'another-restore'), { created: false });
  assert.equal((await platform.endpoint('new-1')).port, port);
  const all = starts(host.dataRoot('new-1'));
  assert.equal(all.length, 2);
  assert.ok(isRunning(all[1]!));
});

test('a server that ends at its start is a failure with the end of its log and without secrets', async (t) => {
  const host = await makeHost(t, { mode: 'die' });
  await assert.rejects(create(host), (error: Error & { type?: string }) => {
    assert.equal(error.type, 'TargetFailed');
    assert.match(
      error.message,
      /ended with exit code 7.*\nfirst line of the log\ncannot start with the password \*\*\*/s,
    );
    assert.ok(!error.message.includes('S3cret'));
    return true;
  });
  assert.equal(await createPlatform(host.settings).removeTarget('new-1', 'restore-1'), true);
});

test('a command that does not exist is a failure that names it', async (t) => {
  const host = await makeHost(t);
  const src = host.settings.instances['src']!;
  const newInstance = { ...src.newInstance!, command: ['/no/such/program'] };
  const settings = { ...host.settings, instances: { src: { ...src, newInstance } } };
  const creating = createPlatform(settings).createTarget('new-1', 'src', 'restore-1', control);
  await assert.rejects(creating, {
    type: 'TargetFailed',
    message: /cannot be started: spawn \/no\/such\/program ENOENT/,
  });
});

test('a command that returns and leaves a server behind is taken, and only its port tells that it runs', async (t) => {
  const host = await makeHost(t, { mode: 'detach' });
  const platform = createPlatform(host.settings);
  assert.deepEqual(await create(host), { created: true });
  const [pid] = starts(host.dataRoot('new-1'));
  t.after(() => isRunning(pid!) && process.kill(pid!, 'SIGKILL'));
  assert.deepEqual(await create(host), { created: true });
  assert.equal(starts(host.dataRoot('new-1')).length, 1);

  await assert.rejects(platform.removeTarget('new-1', 'restore-1'), { type: 'TargetFailed' });
  assert.ok(isRunning(pid!) && existsSync(host.dataRoot('new-1')), 'what cannot be ended keeps its data');
  process.kill(pid!, 'SIGKILL');
  await until('the server is gone', () => (isRunning(pid!) ? null : true));
  assert.equal(await platform.removeTarget('new-1', 'restore-1'), true);
});

test('targets that are made at the same time get ports of their own, and a full range is a failure', async (t) => {
  const two = await makeHost(t);
  const [from] = two.settings.instances['src']!.newInstance!.ports;
  const host = await makeHost(t, { ports: [from, from + 1] });
  const platform = createPlatform(host.settings);
  await Promise.all([create(host, 'new-1'), create(host, 'new-2')]);
  const ports = [(await platform.endpoint('new-1')).port, (await platform.endpoint('new-2')).port];
  assert.deepEqual(ports.sort(), [from, from + 1]);
  await assert.rejects(create(host, 'new-3'), { type: 'TargetFailed', message: /No port/ });
});

test('a port that something else listens on is passed over', async (t) => {
  const host = await makeHost(t);
  const [from] = host.settings.instances['src']!.newInstance!.ports;
  const taken = createServer().listen(from, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  t.after(() => taken.close());
  const src = host.settings.instances['src']!;
  const newInstance = { ...src.newInstance!, ports: [from, from + 1] as const };
  const settings = { ...host.settings, instances: { src: { ...src, newInstance } } };
  await createPlatform(settings).createTarget('new-1', 'src', 'restore-1', control);
  assert.equal((await createPlatform(settings).endpoint('new-1')).port, from + 1);
});

test('waiting for a target ends when it is cancelled', async (t) => {
  const host = await makeHost(t);
  const src = host.settings.instances['src']!;
  const newInstance = { ...src.newInstance!, command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'] };
  const settings = { ...host.settings, instances: { src: { ...src, newInstance } } };
  const stop = new AbortController();
  const creating = createPlatform(settings).createTarget('new-1', 'src', 'restore-1', {
    ...control,
    signal: stop.signal,
  });
  await until('the process is written down', async () => (await readMade(host.dataRoot('new-1')))?.process ?? null);
  stop.abort(new Error('cancelled'));
  await assert.rejects(creating);
  assert.equal(await createPlatform(settings).removeTarget('new-1', 'restore-1'), true);
});
