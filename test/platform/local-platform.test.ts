import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createPlatform } from '../../activities/platform/index.ts';
import type { InstanceSettings, SecretReference, Settings } from '../../workflows/domain/settings.ts';
import { control, makeHost, type Host } from './support.ts';

function withPassword({ settings }: Host, password: SecretReference, caFile?: string): Settings {
  const src = settings.instances['src'] as InstanceSettings;
  const tls = { ...src.tls, ...(caFile === undefined ? {} : { caFile }) };
  return { ...settings, instances: { src: { ...src, tls, login: { user: 'backup', password } } } };
}

test('an endpoint has its password from a file, without the newline at its end', async (t) => {
  const host = await makeHost(t);
  writeFileSync(join(host.folder, 'ca.pem'), 'a certificate\n');
  const settings = withPassword(host, { file: join(host.folder, 'password') }, join(host.folder, 'ca.pem'));
  assert.deepEqual(await createPlatform(settings).endpoint('src'), {
    host: '127.0.0.1',
    port: 1433,
    user: 'backup',
    password: 'S3cret! of src',
    tls: { encrypt: true, trustServerCertificate: false, ca: 'a certificate\n' },
  });
});

test('a rotated password is used without a restart', async (t) => {
  const host = await makeHost(t);
  const platform = createPlatform(host.settings);
  await platform.endpoint('src');
  writeFileSync(join(host.folder, 'password'), 'another\r\n');
  assert.equal((await platform.endpoint('src')).password, 'another');
});

test('a password that is missing is named by its reference', async (t) => {
  const host = await makeHost(t);
  process.env['PITR_TEST_EMPTY'] = '\n';
  t.after(() => delete process.env['PITR_TEST_EMPTY']);
  const cases: [SecretReference, RegExp][] = [
    [{ file: '/nowhere/password' }, /\/nowhere\/password of instance src cannot be read: ENOENT/],
    [{ env: 'PITR_TEST_NOT_SET' }, /PITR_TEST_NOT_SET is not set/],
    [{ env: 'PITR_TEST_EMPTY' }, /PITR_TEST_EMPTY is empty/],
  ];
  for (const [reference, message] of cases) {
    const endpoint = createPlatform(withPassword(host, reference)).endpoint('src');
    await assert.rejects(endpoint, { type: 'LoginFailed', message });
  }
});

test('an instance that nobody declared or made is unknown', async (t) => {
  const platform = createPlatform((await makeHost(t)).settings);
  assert.equal(await platform.exists('src'), true);
  for (const name of ['nope', '__proto__', 'constructor', '../src', '']) {
    assert.equal(await platform.exists(name), false);
    await assert.rejects(platform.endpoint(name), {
      type: 'UnknownInstance',
      nonRetryable: true,
      message: /plain, src/,
    });
  }
});

test("tasks run on the instance's volume with its own store, or with that of another instance", async (t) => {
  const { settings, folder } = await makeHost(t);
  const platform = createPlatform(settings);
  mkdirSync(join(folder, 'src/backup-mssql'));
  writeFileSync(join(folder, 'src/backup-mssql/a.bak'), 'x');
  const { files } = await platform.run('src', 'listStaged', { path: 'backup-mssql' }, control);
  assert.equal(files[0]?.path, 'backup-mssql/a.bak');

  const file = { path: 'src/.runs/a.json', text: 'x' };
  await platform.run('plain', 'writeFile', { ...file, text: 'in the other store' }, control);
  await platform.run('plain', 'writeFile', { ...file, text: 'in the store of src' }, control, 'src');
  await platform.runOnStore('src', 'writeFile', { path: 'src/.runs/b.json', text: 'y' }, control);
  assert.equal(readFileSync(join(folder, 'src/.runs/a.json'), 'utf8'), 'in the other store');
  assert.equal(readFileSync(join(folder, 'store/src/.runs/a.json'), 'utf8'), 'in the store of src');
  assert.equal(readFileSync(join(folder, 'store/src/.runs/b.json'), 'utf8'), 'y');
  rmSync(join(folder, 'src/backup-mssql'), { recursive: true });
});
