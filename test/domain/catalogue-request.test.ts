import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBackupsRequest, checkWindowRequest } from '../../workflows/domain/catalogue-request.ts';
import { checkImportRequest, importFolder } from '../../workflows/domain/import-request.ts';
import { issuesText } from '../../workflows/domain/request.ts';
import { checkVerifyRequest } from '../../workflows/domain/verify-request.ts';

const instance = 'mssql-rt';

test('requests that say what they must are tried', () => {
  assert.deepEqual(checkWindowRequest({ instance, databases: ['db1'], after: 'db0' }), []);
  assert.deepEqual(checkBackupsRequest({ instance, kind: 'log', since: '2026-02-10T07:54:34+01:00', limit: 5 }), []);
  assert.deepEqual(checkVerifyRequest({ instance }), []);
  assert.deepEqual(checkImportRequest({ instance, folder: '/var/opt/mssql/old backups/', mode: 'plan' }), []);
});

test('every mistake is named at once, also in what a person typed as JSON', () => {
  const typed = (value: unknown): never => value as never;
  const cases: [readonly { path: string; problem: string }[], RegExp][] = [
    [checkWindowRequest(typed(null)), /must be an object/],
    [
      checkWindowRequest(typed({ instance: '..', database: 'db1' })),
      /database is not known here.*"\.\." is not an instance name/,
    ],
    [checkBackupsRequest(typed({ instance, since: '2026-02-30T00:00:00Z' })), /since must be ISO 8601 with a zone/],
    [
      checkBackupsRequest(typed({ instance, since: 'latest', limit: 0.5 })),
      /since must be.*limit must be a whole number/,
    ],
    [checkBackupsRequest(typed({ instance, kind: 'weekly', after: 'x' })), /kind must be full.*after must be/],
    [checkVerifyRequest(typed({ instance, databases: [] })), /at least one name/],
    [checkImportRequest(typed({ instance })), /folder must be a folder below \/var\/opt\/mssql\//],
    [checkImportRequest(typed({ instance, folder: '/var/opt/mssql/x', mode: 'move' })), /mode must be plan or import/],
  ];
  for (const [issues, expected] of cases) assert.match(issuesText(issues), expected);
});

test('a folder to import never leads out of the instance volume', () => {
  assert.equal(importFolder('/var/opt/mssql/old/logs/'), 'old/logs');
  for (const folder of [
    '/var/opt/mssql',
    '/var/opt/mssql/',
    '/var/opt/mssql/../etc',
    '/var/opt/mssql/a//b',
    '/backup-store',
    'old',
    '',
  ])
    assert.equal(importFolder(folder), null, folder);
});
