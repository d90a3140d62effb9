import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkBackupRequest,
  checkRestoreRequest,
  issuesText,
  parseTargetTime,
  type BackupRequest,
  type RestoreRequest,
} from '../../workflows/domain/request.ts';

const now = Date.parse('2026-02-10T07:00:00Z');
const good = { source: 'mssql-rt', target: 'mssql-rt-target', to: '2026-02-10T06:54:34Z' };

/** What a person typed need not be what the types say. */
const backup = (request: unknown): string => issuesText(checkBackupRequest(request as BackupRequest));
const restore = (request: unknown): string => issuesText(checkRestoreRequest(request as RestoreRequest, now));

test('requests as the documentation shows them are taken', () => {
  assert.equal(backup({ instance: 'mssql-rt', kind: 'log' }), '');
  assert.equal(backup({ instance: 'a', kind: 'full', databases: ['db1', "we]ird 'db"] }), '');
  assert.equal(restore(good), '');
  assert.equal(restore({ ...good, to: 'latest' }), '');
  assert.equal(
    restore({
      ...good,
      databases: ['db1', 'DB2'],
      rename: { db2: 'db2_restored' },
      mode: 'plan',
      checkDb: true,
      repairUsers: false,
      keep: true,
      validations: [{ database: 'db1', query: 'SELECT COUNT(*) FROM t', expect: 2 }],
    }),
    '',
  );
});

const wrongBackups: readonly (readonly [unknown, string])[] = [
  [null, 'must be an object such as {"instance":"mssql-rt","kind":"log"}'],
  ['mssql-rt', 'must be an object such as {"instance":"mssql-rt","kind":"log"}'],
  [{ kind: 'log' }, 'instance is missing'],
  [
    { instance: 'Mssql', kind: 'log' },
    'instance "Mssql" is not an instance name (lower-case letters, digits and -, at most 53)',
  ],
  [
    { instance: '../x', kind: 'log' },
    'instance "../x" is not an instance name (lower-case letters, digits and -, at most 53)',
  ],
  [{ instance: 'a', kind: 'incremental' }, 'kind must be full, differential or log, not "incremental"'],
  [{ instance: 'a', kind: 'log', database: 'x' }, 'database is not known here; known are instance, kind, databases'],
  [
    { instance: 'a', kind: 'log', databases: [] },
    'databases must be a list with at least one name; leave it out for all',
  ],
  [
    { instance: 'a', kind: 'log', databases: 'db1' },
    'databases must be a list with at least one name; leave it out for all',
  ],
  [
    { instance: 'a', kind: 'log', databases: ['db1', ''] },
    'databases[1] must be a database name of 1 to 128 characters',
  ],
  [
    { instance: 'a', kind: 'log', databases: ['x'.repeat(129)] },
    'databases[0] must be a database name of 1 to 128 characters',
  ],
  [{ instance: 'a', kind: 'log', databases: ['db1', 'db1'] }, 'databases[1] names "db1" a second time'],
];

for (const [request, message] of wrongBackups) {
  test(`a backup request is refused: ${message}`, () => assert.equal(backup(request), message));
}

const wrongRestores: readonly (readonly [object | null, string])[] = [
  [{ source: undefined }, 'source is missing'],
  [{ target: 'x_y' }, 'target "x_y" is not an instance name (lower-case letters, digits and -, at most 53)'],
  [{ to: undefined }, 'to is missing; write a time with a zone, or "latest"'],
  [
    { to: '2026-02-10T06:54:34' },
    'to "2026-02-10T06:54:34" has no time zone; write Z for UTC or an offset, e.g. 2026-02-10T06:54:34Z',
  ],
  [
    { to: '2026-02-10 06:54:34' },
    'to "2026-02-10 06:54:34" has no time zone; write Z for UTC or an offset, e.g. 2026-02-10T06:54:34Z',
  ],
  [
    { to: 'yesterday' },
    'to "yesterday" is not a time; write ISO 8601 with a zone, e.g. 2026-02-10T06:54:34Z, or "latest"',
  ],
  [{ to: '2026-02-30T06:54:34Z' }, 'to "2026-02-30T06:54:34Z" is not a date of the calendar'],
  [{ to: '2025-02-29T06:54Z' }, 'to "2025-02-29T06:54Z" is not a date of the calendar'],
  [{ to: '2026-02-10T25:00:00Z' }, 'to "2026-02-10T25:00:00Z" is not a date of the calendar'],
  [
    { to: '2026-02-10T07:00:00.001Z' },
    'to 2026-02-10T07:00:00.001Z is in the future (now 2026-02-10T07:00:00.000Z); use "latest"',
  ],
  [{ mode: 'dry-run' }, 'mode must be plan or restore, not "dry-run"'],
  [{ checkDb: 'yes' }, 'checkDb must be true or false'],
  [{ repairUsers: 1 }, 'repairUsers must be true or false'],
  [{ keep: null }, 'keep must be true or false'],
  [{ rename: ['a'] }, 'rename must be an object of names, e.g. {"db2":"db2_restored"}'],
  [{ rename: { db2: '' } }, 'rename.db2 must be a database name of 1 to 128 characters'],
  [{ rename: { a: 'x', b: 'x' } }, 'rename.b gives the name "x" a second time'],
  [{ databases: ['db1'], rename: { db2: 'x' } }, 'rename.db2 renames a database that is not in databases'],
  [{ validations: {} }, 'validations must be a list of {database, query, expect}'],
  [{ validations: [1] }, 'validations[0] must be {database, query, expect}'],
  [
    { validations: [{ query: 'q', expect: 1 }] },
    'validations[0].database must be a database name of 1 to 128 characters',
  ],
  [{ validations: [{ database: 'd', query: '', expect: 1 }] }, 'validations[0].query is missing'],
  [{ validations: [{ database: 'd', query: 'q' }] }, 'validations[0].expect must be a text, a number or null'],
  [
    { stopAt: 'x' },
    'stopAt is not known here; known are source, target, to, databases, rename, mode, checkDb, validations, repairUsers, keep',
  ],
];

for (const [fields, message] of wrongRestores) {
  test(`a restore request is refused: ${message}`, () => assert.equal(restore({ ...good, ...fields }), message));
}

test('a restore onto the source itself is taken only when every database gets another name', () => {
  const onItself = { ...good, target: good.source };
  assert.match(restore(onItself), /^target is the source itself, and a restore is never done in place/);
  assert.match(restore({ ...onItself, rename: { db1: 'db1_restored' } }), /^target is the source itself/);
  assert.match(
    restore({ ...onItself, databases: ['db1', 'db2'], rename: { db1: 'x' } }),
    /^target is the source itself/,
  );
  assert.match(restore({ ...onItself, databases: ['db1'], rename: { db1: 'db1' } }), /^target is the source itself/);
  assert.equal(restore({ ...onItself, databases: ['db1'], rename: { db1: 'db1_restored' } }), '');
});

test('a restore request that is no object is refused, and several problems are named together', () => {
  assert.match(restore([]), /^must be an object such as/);
  assert.equal(restore({ source: 'a', to: 'latest', keep: 1 }), 'target is missing; keep must be true or false');
});

test('a target time is read to the millisecond, in its zone', () => {
  assert.equal(parseTargetTime('latest'), 'latest');
  assert.equal(parseTargetTime('2026-02-10T06:54:34Z'), Date.parse('2026-02-10T06:54:34.000Z'));
  assert.equal(parseTargetTime('2026-02-10T13:54:34.1239+07:00'), Date.parse('2026-02-10T06:54:34.123Z'));
  assert.equal(parseTargetTime('2026-02-10T06:54-00:30'), Date.parse('2026-02-10T07:24:00.000Z'));
  assert.equal(parseTargetTime('2024-02-29T00:00:00Z'), Date.parse('2024-02-29T00:00:00.000Z'));
});
