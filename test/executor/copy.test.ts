import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyFile, hashFile } from '../../activities/executor/io/copy.ts';
import { filing } from '../../activities/executor/io/errors.ts';
import { makeRoots, sha256Of, stageFile } from './support.ts';

const options = { signal: new AbortController().signal, durable: true, onBytes: () => {} };

for (const bytes of [1, 1_048_576, 1_048_577, 16 * 1_048_576 - 1, 21_000_123]) {
  test(`a file of ${bytes} bytes is copied whole, with its hash, and every byte is reported once`, async (t) => {
    const { sql } = makeRoots(t);
    const content = stageFile(sql, 'from', bytes);
    let reported = 0;
    const copied = await copyFile({
      ...options,
      from: join(sql, 'from'),
      to: join(sql, 'to'),
      onBytes: (n) => (reported += n),
    });
    assert.deepEqual(copied, { sizeBytes: bytes, sha256: sha256Of(content) });
    assert.equal(reported, bytes);
    assert.ok(content.equals(readFileSync(join(sql, 'to'))));
    assert.deepEqual(await hashFile(join(sql, 'to'), options.signal), copied);
  });
}

test('an aborted copy ends with the reason and leaves nothing behind', async (t) => {
  const { sql } = makeRoots(t);
  stageFile(sql, 'from', 40_000_000);
  const stop = new AbortController();
  const reason = new Error('cancelled by a person');
  const copying = copyFile({
    ...options,
    from: join(sql, 'from'),
    to: join(sql, 'to'),
    signal: stop.signal,
    onBytes: () => stop.abort(reason),
  });
  await assert.rejects(copying, reason);
  assert.ok(!existsSync(join(sql, 'to')));
});

test('a copy never goes over an existing file', async (t) => {
  const { sql } = makeRoots(t);
  stageFile(sql, 'from');
  writeFileSync(join(sql, 'to'), 'here before');
  await assert.rejects(copyFile({ ...options, from: join(sql, 'from'), to: join(sql, 'to') }));
  assert.equal(readFileSync(join(sql, 'to'), 'utf8'), 'here before');
});

test('a file that grows while it is copied is not taken for a whole one', async (t) => {
  const { sql } = makeRoots(t);
  stageFile(sql, 'from', 3_000_000);
  let grown = false;
  const copying = copyFile({
    ...options,
    from: join(sql, 'from'),
    to: join(sql, 'to'),
    onBytes: () => {
      if (!grown) writeFileSync(join(sql, 'from'), 'more', { flag: 'a' });
      grown = true;
    },
  });
  await assert.rejects(copying, { type: 'FileDamaged' });
  assert.ok(!existsSync(join(sql, 'to')));
});

test('a symbolic link or a folder is not read as a backup file', async (t) => {
  const { sql } = makeRoots(t);
  stageFile(sql, 'from');
  symlinkSync(join(sql, 'from'), join(sql, 'link'));
  await assert.rejects(copyFile({ ...options, from: join(sql, 'link'), to: join(sql, 'to') }));
  await assert.rejects(copyFile({ ...options, from: sql, to: join(sql, 'to') }), { type: 'FileDamaged' });
  assert.ok(!existsSync(join(sql, 'to')));
});

test('a missing file is named', async (t) => {
  const { sql } = makeRoots(t);
  await assert.rejects(copyFile({ ...options, from: join(sql, 'nope'), to: join(sql, 'to') }), {
    type: 'FileMissing',
    message: /nope/,
  });
});

for (const [code, type] of Object.entries({
  ENOSPC: 'StorageFull',
  EDQUOT: 'StorageFull',
  EIO: 'StoreUnavailable',
  ESTALE: 'StoreUnavailable',
  EROFS: 'StoreUnavailable',
  EACCES: 'AccessDenied',
})) {
  test(`${code} from the file system is ${type}, and names the path`, async () => {
    const error = Object.assign(new Error(code), { code });
    await assert.rejects(
      filing('write /store/a', () => Promise.reject(error)),
      { type, message: new RegExp(`Cannot write /store/a: ${code}`) },
    );
  });
}

test('an error that is not from the file system stays what it is', async () => {
  const error = new TypeError('a fault of the program');
  await assert.rejects(
    filing('write', () => Promise.reject(error)),
    error,
  );
});
