import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lab, lsnOf, moved, numbers, tick } from './engine/testing/harness.ts';

test('a full backup, a differential and logs bring every committed row back', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  lab.insert('shop', 1);
  await lab.backup('shop', 'full.bak');
  lab.insert('shop', 2);
  await lab.log('shop', 'log1.trn');
  lab.insert('shop', 3);
  await lab.backup('shop', 'diff.bak', { differential: true });
  lab.insert('shop', 4);
  await lab.log('shop', 'log2.trn');
  lab.insert('shop', 5);

  await lab.restore('copy', 'full.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'diff.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'log2.trn', { kind: 'log' });
  await lab.restore('copy', undefined, { recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1, 2, 3, 4]);
  assert.equal(lab.database('copy').state, 'ONLINE');
  assert.deepEqual(lab.ids('shop'), [1, 2, 3, 4, 5]);
});

test('a stop time between two commits shows the earlier one only', async () => {
  await using lab = await Lab.open({ timeZone: 'Asia/Bangkok' });
  await lab.create('shop');
  await lab.backup('shop', 'full.bak');
  await tick();
  lab.insert('shop', 1);
  await tick();
  const between = lab.now();
  await tick();
  lab.insert('shop', 2);
  await lab.log('shop', 'log.trn');

  await lab.restore('copy', 'full.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'log.trn', { kind: 'log', stopAt: between, recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1]);
});

test('log backups join without gap and the header row carries the chain', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  lab.insert('shop', 1);
  const messages = await lab.backup('shop', 'shop.bak', {
    checksum: true,
    compression: true,
    stats: 50,
    name: 'first',
  });
  assert.deepEqual(
    numbers(messages).filter((n) => n !== 3211),
    [4035, 4035, 3014],
  );
  lab.insert('shop', 2);
  await lab.log('shop', 'shop.bak');
  lab.insert('shop', 3);
  await lab.log('shop', 'shop.bak');

  const { records, columns } = await lab.info('headeronly', 'shop.bak');
  assert.equal(columns.length, 59);
  const [full, log1, log2] = records;
  assert.equal(records.length, 3);
  assert.equal(full!['Flags'], 528);
  assert.equal(lsnOf(log1!['FirstLSN']), lsnOf(full!['FirstLSN']));
  assert.equal(lsnOf(log2!['FirstLSN']), lsnOf(log1!['LastLSN']));
  assert.equal(log1!['BeginsLogChain'], true);
  assert.equal(log2!['BeginsLogChain'], false);
  assert.equal(log1!['Compressed'], 1);
  assert.deepEqual(
    lab.history('backupset').map((row) => [row['type'], row['position'], row['name']]),
    [
      ['D', 1, 'first'],
      ['L', 2, null],
      ['L', 3, null],
    ],
  );
});
