import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DatabaseFile } from '../../workflows/domain/backup-set.ts';
import { addedFiles, fileToken, moveClauses, ownsFiles } from '../../workflows/domain/move.ts';
import { safeName } from '../../workflows/domain/naming.ts';
import { twoFiles } from './support/set.ts';

const place = {
  targetDatabase: 'db1',
  token: '0badcafe',
  dataPath: '/var/opt/mssql/data',
  logPath: '/var/opt/mssql/log/',
};
const file = (fileId: number, type: DatabaseFile['type'], logicalName = `f${fileId}`): DatabaseFile => ({
  fileId,
  type,
  logicalName,
  physicalName: `/old/${logicalName}`,
  sizeBytes: 1,
});

test('every file goes to its folder under a name that carries the token', () => {
  const files = [file(1, 'D', 'db1'), file(2, 'L', 'db1_log'), file(3, 'D', 'more'), file(65537, 'S', 'blobs')];
  assert.deepEqual(moveClauses(files, place), [
    { logicalName: 'db1', path: '/var/opt/mssql/data/db1_1_0badcafe.mdf' },
    { logicalName: 'db1_log', path: '/var/opt/mssql/log/db1_2_0badcafe.ldf' },
    { logicalName: 'more', path: '/var/opt/mssql/data/db1_3_0badcafe.ndf' },
    { logicalName: 'blobs', path: '/var/opt/mssql/data/db1_65537_0badcafe' },
  ]);
});

test('a name that would leave the folder does not', () => {
  const targetDatabase = '../../etc/x';
  const [move] = moveClauses(twoFiles, { ...place, targetDatabase });
  assert.equal(move?.path, `/var/opt/mssql/data/${safeName(targetDatabase)}_1_0badcafe.mdf`);
});

test('a restore knows its own databases, and nobody else’s', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 128 }), fc.uuid(), fc.uuid(), (targetDatabase, mine, other) => {
      const token = fileToken(mine);
      const paths = moveClauses([...twoFiles, file(65537, 'S')], { ...place, targetDatabase, token }).map(
        (move) => move.path,
      );
      assert.ok(ownsFiles(paths, token));
      assert.equal(ownsFiles(paths, fileToken(other)), fileToken(other) === token);
    }),
  );
});

test('one foreign file, or none at all, makes a database not ours', () => {
  const ours = '/var/opt/mssql/data/db1_1_0badcafe.mdf';
  assert.equal(ownsFiles([ours, '/var/opt/mssql/data/db1_log.ldf'], '0badcafe'), false);
  assert.equal(ownsFiles([], '0badcafe'), false);
  assert.equal(ownsFiles(['/var/opt/mssql/data/db1_1_0badcafe.mdf.bak'], '0badcafe'), false);
  assert.equal(ownsFiles(['/var/opt/mssql/0badcafe/db1.mdf'], '0badcafe'), false);
});

test('files that were added after the base are the ones a later step moves', () => {
  const added = file(3, 'D', 'more');
  assert.deepEqual(addedFiles(twoFiles, [...twoFiles, added]), [added]);
  assert.deepEqual(addedFiles(twoFiles, twoFiles), []);
  const replaced = file(2, 'L', 'other_log');
  assert.deepEqual(addedFiles(twoFiles, [replaced]), [replaced]);
});
