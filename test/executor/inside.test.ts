import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { inside } from '../../activities/executor/io/inside.ts';
import { insideOurs } from '../../activities/executor/io/our-folders.ts';
import { makeRoots } from './support.ts';

const refused = { type: 'InvalidInput', nonRetryable: true };

test('a path below the root is found whether it exists or not', async (t) => {
  const { store } = makeRoots(t);
  mkdirSync(join(store, 'a/b'), { recursive: true });
  const real = realpathSync(store);
  assert.equal(await inside(store, 'a/b'), join(real, 'a/b'));
  assert.equal(await inside(store, 'a/b/c/d.bak'), join(real, 'a/b/c/d.bak'));
  assert.equal(await inside(store, 'a/../a/b'), join(real, 'a/b'));
});

test('no path of dots, slashes and names leads outside of the root', async (t) => {
  const { store } = makeRoots(t);
  mkdirSync(join(store, 'a'));
  symlinkSync('/', join(store, 'a/out'));
  symlinkSync('..', join(store, 'a/up'));
  symlinkSync('/nowhere/at/all', join(store, 'a/dangling'));
  const real = realpathSync(store);
  const segment = fc.constantFrom('..', '.', '', 'a', 'b', 'out', 'up', 'dangling', 'tmp', '\0', '~');
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 7 }), async (segments) => {
      const found = await inside(store, segments.join('/')).catch((error: unknown) => error);
      if (typeof found === 'string') assert.ok(found === real || found.startsWith(`${real}/`), found);
      else assert.equal((found as { type?: string }).type, 'InvalidInput');
    }),
    { numRuns: 500 },
  );
});

test('a symbolic link that leads outside is refused, and one that stays inside is followed', async (t) => {
  const { store, sql } = makeRoots(t);
  symlinkSync(sql, join(store, 'outside'));
  mkdirSync(join(store, 'real'));
  symlinkSync(join(store, 'real'), join(store, 'alias'));
  await assert.rejects(inside(store, 'outside/file'), refused);
  assert.equal(await inside(store, 'alias/file'), join(realpathSync(store), 'real/file'));
});

test('an empty or relative root is refused instead of meaning the working directory', async () => {
  await assert.rejects(inside('', 'a'), refused);
  await assert.rejects(inside('store', 'a'), refused);
});

test('a root that is not mounted is a reason to try again', async (t) => {
  const { store } = makeRoots(t);
  await assert.rejects(inside(join(store, 'gone'), 'a'), { type: 'StoreUnavailable', nonRetryable: false });
});

test('only what lies in our own folders of the volume counts as ours, links included', async (t) => {
  const { sql } = makeRoots(t);
  mkdirSync(join(sql, 'data'));
  mkdirSync(join(sql, 'backup-mssql/run'), { recursive: true });
  writeFileSync(join(sql, 'data/db.mdf'), 'precious');
  symlinkSync(join(sql, 'data/db.mdf'), join(sql, 'backup-mssql/run/x.bak'));
  symlinkSync(join(sql, 'data'), join(sql, 'restore-staging'));

  assert.equal(await insideOurs(sql, 'backup-mssql/run'), join(realpathSync(sql), 'backup-mssql/run'));
  for (const path of [
    'data/db.mdf',
    'backup-mssql/run/x.bak',
    'restore-staging/db.mdf',
    'backup-mssql',
    '.',
    'backup-mssql/../data',
  ]) {
    await assert.rejects(insideOurs(sql, path), refused, path);
  }
});
