import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeRoots, run, stageFile } from './support.ts';

const isRoot = process.geteuid?.() === 0;

test('a new folder and those on its way can be written by the owner of the volume', async (t) => {
  const roots = makeRoots(t);
  if (isRoot) chownSync(roots.sql, 10001, 10001);
  await run('makeFolder', { path: 'backup-mssql/run1' }, roots);
  await run('makeFolder', { path: 'backup-mssql/run1' }, roots);
  const owner = statSync(roots.sql);
  for (const path of ['backup-mssql', 'backup-mssql/run1']) {
    const { uid, gid, mode } = statSync(join(roots.sql, path));
    assert.deepEqual([uid, gid, mode & 0o777], [owner.uid, owner.gid, 0o770]);
  }
});

test(
  'a folder that an attempt made and could not give away any more is given away by the next',
  { skip: !isRoot },
  async (t) => {
    const roots = makeRoots(t);
    chownSync(roots.sql, 10001, 10001);
    mkdirSync(join(roots.sql, 'backup-mssql'));
    await run('makeFolder', { path: 'backup-mssql' }, roots);
    assert.equal(statSync(join(roots.sql, 'backup-mssql')).uid, 10001);
  },
);

test("a folder of SQL Server's own keeps its owner and mode", { skip: !isRoot }, async (t) => {
  const roots = makeRoots(t);
  chownSync(roots.sql, 10001, 10001);
  mkdirSync(join(roots.sql, 'backup-mssql'));
  chownSync(join(roots.sql, 'backup-mssql'), 10001, 10002);
  chmodSync(join(roots.sql, 'backup-mssql'), 0o700);
  await run('makeFolder', { path: 'backup-mssql/run1' }, roots);
  const { gid, mode } = statSync(join(roots.sql, 'backup-mssql'));
  assert.deepEqual([gid, mode & 0o777], [10002, 0o700]);
});

test('staged files are listed at any depth, links and folders are not', async (t) => {
  const roots = makeRoots(t);
  stageFile(roots.sql, 'backup-mssql/run1/a.bak', 10);
  stageFile(roots.sql, 'backup-mssql/run0/deep/b.trn', 20);
  symlinkSync('/etc/hostname', join(roots.sql, 'backup-mssql/run1/link.bak'));
  const { files } = await run('listStaged', { path: 'backup-mssql' }, roots);
  assert.deepEqual(
    files.map(({ path, sizeBytes }) => [path, sizeBytes]),
    [
      ['backup-mssql/run0/deep/b.trn', 20],
      ['backup-mssql/run1/a.bak', 10],
    ],
  );
  assert.equal(files[0]?.modifiedAt, Math.floor(statSync(join(roots.sql, files[0]!.path)).mtimeMs));
  assert.deepEqual(await run('listStaged', { path: 'backup-mssql/none' }, roots), { files: [] });
});

test('removing staged files counts those that were there', async (t) => {
  const roots = makeRoots(t);
  stageFile(roots.sql, 'backup-mssql/run1/a.bak');
  const paths = ['backup-mssql/run1/a.bak', 'backup-mssql/run1/b.bak'];
  assert.deepEqual(await run('removeStaged', { paths }, roots), { removed: 1 });
  assert.deepEqual(await run('removeStaged', { paths }, roots), { removed: 0 });
});

test("SQL Server's own files are never removed, and nothing is when one path is refused", async (t) => {
  const roots = makeRoots(t);
  stageFile(roots.sql, 'data/db.mdf');
  stageFile(roots.sql, 'backup-mssql/run1/a.bak');
  const refused = { type: 'InvalidInput' };
  await assert.rejects(run('removeStaged', { paths: ['backup-mssql/run1/a.bak', 'data/db.mdf'] }, roots), refused);
  for (const path of ['data', '.', '', 'backup-mssql', 'backup-mssql/..', 'backup-mssql/../data']) {
    await assert.rejects(run('removeFolder', { path, recursive: true }, roots), refused, path);
  }
  assert.ok(existsSync(join(roots.sql, 'data/db.mdf')) && existsSync(join(roots.sql, 'backup-mssql/run1/a.bak')));
});

test('a folder is removed when it is empty, or whole when asked for', async (t) => {
  const roots = makeRoots(t);
  stageFile(roots.sql, 'backup-mssql/run1/a.bak');
  const path = 'backup-mssql/run1';
  await run('removeFolder', { path, recursive: false }, roots);
  assert.ok(existsSync(join(roots.sql, path)), 'it is not empty');
  await run('removeFolder', { path, recursive: true }, roots);
  await run('removeFolder', { path, recursive: true }, roots);
  await run('removeFolder', { path, recursive: false }, roots);
  assert.ok(!existsSync(join(roots.sql, path)));
});

test('a small file is written whole into a hidden folder of the store, again and again', async (t) => {
  const roots = makeRoots(t);
  const path = 'mssql-rt/.runs/run1.json';
  await run('writeFile', { path, text: 'one' }, roots);
  await run('writeFile', { path, text: 'two' }, roots);
  assert.equal(readFileSync(join(roots.store, path), 'utf8'), 'two');
});

test('several small files are written at once, and again; one in the wrong place is refused', async (t) => {
  const roots = makeRoots(t);
  const file = (name: string, text: string) => ({ path: `mssql-rt/.evidence/run/${name}`, text });
  await run('writeFiles', { files: [file('a.txt', 'one'), file('b.txt', 'two')] }, roots);
  await run('writeFiles', { files: [file('a.txt', 'three')] }, roots);
  const read = (name: string): string => readFileSync(join(roots.store, 'mssql-rt/.evidence/run', name), 'utf8');
  assert.deepEqual([read('a.txt'), read('b.txt')], ['three', 'two']);
  const files = [{ path: 'mssql-rt/db/a.bak', text: 'x' }];
  await assert.rejects(run('writeFiles', { files }, roots), { type: 'InvalidInput' });
});

test('a written file cannot take the place of a backup', async (t) => {
  const roots = makeRoots(t);
  mkdirSync(join(roots.store, 'mssql-rt/db'), { recursive: true });
  writeFileSync(join(roots.store, 'mssql-rt/db/a.bak'), 'precious');
  for (const path of [
    'mssql-rt/db/a.bak',
    'mssql-rt/.runs',
    'mssql-rt/.runs/../db/a.bak',
    '/mssql-rt/.runs/x',
    '../.x/y',
    'a',
  ]) {
    await assert.rejects(run('writeFile', { path, text: 'x' }, roots), { type: 'InvalidInput' }, path);
  }
  assert.equal(readFileSync(join(roots.store, 'mssql-rt/db/a.bak'), 'utf8'), 'precious');
});
