import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backupFileName, backupName, runName, safeName, shortHash, timeStamp } from '../../workflows/domain/naming.ts';

/** Names that people and attackers give: near each other, with separators, dots, controls and other scripts. */
const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 128 }),
  fc.string({
    unit: fc.constantFrom('a', 'A', '.', '/', '\\', '~', '_', '-', ' ', "'", ']', '0', 'ä', '\0'),
    maxLength: 70,
  }),
);

test('two names never share a folder', () => {
  fc.assert(
    fc.property(names, names, (a, b) => {
      if (a !== b) assert.notEqual(safeName(a), safeName(b));
    }),
  );
  const near = [
    'db/1',
    'db\\1',
    'db 1',
    'db_1',
    'db__1',
    '_db_1',
    'db-1',
    'db~1',
    'DB_1',
    `db${'x'.repeat(80)}`,
    `db${'x'.repeat(81)}`,
  ];
  assert.equal(new Set(near.map(safeName)).size, near.length);
});

test('a safe name stays inside its folder and within what file systems take', () => {
  fc.assert(
    fc.property(names, (name) => {
      assert.match(safeName(name), /^[A-Za-z0-9][A-Za-z0-9_~-]{0,62}$/);
    }),
  );
});

test('a plain name is its own safe name, and no mangled name looks like a plain one', () => {
  assert.equal(safeName('mssql-rt'), 'mssql-rt');
  assert.equal(safeName('Sales_2026'), 'Sales_2026');
  assert.equal(safeName('Größe/../x'), `Gr_e_x~${shortHash('Größe/../x')}`);
  assert.equal(safeName('..'), `db~${shortHash('..')}`);
  assert.equal(safeName(safeName('a b')).includes('~'), true);
});

test('the hash is 64-bit FNV-1a over UTF-8', () => {
  assert.equal(shortHash(''), 'cbf29ce484222325');
  assert.equal(shortHash('a'), 'af63dc4c8601ec8c');
  assert.equal(shortHash('foobar'), '85944171f73967e8');
});

test('runs sort by time, and the names of their backups fit into NAME', () => {
  const run = runName('differential', '2026-02-10T06:54:34.123Z', '0194f3c2-aaaa-bbbb');
  assert.match(run, /^20260210T065434Z-differential-[0-9a-f]{12}$/);
  assert.equal(timeStamp('2026-02-10T06:54:34Z'), '20260210T065434Z');
  const name = backupName(run, 'x'.repeat(128), 'differential');
  assert.ok(name.length <= 128);
  assert.notEqual(name, backupName(run, 'y', 'differential'));
  assert.notEqual(name, backupName(run, 'x'.repeat(128), 'full'));
});

test('a run that starts in the same second does not take the backup of another one for its own', () => {
  const second = '2026-11-23T08:09:11.446Z';
  const one = runName('log', second, '01a20773-1f76-7b52-9d16-6a834274cb46');
  const other = runName('log', second, '01a20773-2117-7c02-8f66-9376693147b2');
  assert.notEqual(one, other);
  assert.notEqual(backupName(one, 'db1', 'log'), backupName(other, 'db1', 'log'));
});

test('no two attempts share a file, whatever the database is called', () => {
  assert.equal(backupFileName('run', 'db1', 'log', '1-abc'), 'db1_log_run_1-abc.trn');
  assert.equal(backupFileName('run', 'db1', 'full', '1-abc'), 'db1_full_run_1-abc.bak');
  fc.assert(
    fc.property(names, (name) => {
      assert.doesNotMatch(backupFileName('run', name, 'log', '1'), /[/\\\0]|\.\./);
    }),
  );
});
