import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestText, parseManifest } from '../../activities/executor/store/manifest.ts';
import { backupSet } from './support.ts';

const file = { name: 'a.bak', sizeBytes: 10, sha256: 'a'.repeat(64) };
const good = backupSet({ database: `we]ird 'naïve" ../db`, files: [file] });

test('a manifest reads back as the set that was written, awkward names included', () => {
  assert.deepEqual(parseManifest(manifestText(good)), { set: good });
});

const bad: Record<string, unknown> = {
  'another format version': { ...good, formatVersion: 2 },
  'a file outside of its folder': { ...good, files: [{ ...file, name: '../../etc/passwd' }] },
  'a hidden file': { ...good, files: [{ ...file, name: '.database.json' }] },
  'no files': { ...good, files: [] },
  'an LSN as a number': { ...good, firstLsn: 39000000172000001 },
  'a hash that is none': { ...good, files: [{ ...file, sha256: 'abc' }] },
  'a time without a zone': { ...good, startedAt: '2026-02-10T00:00:00' },
  'a negative size': { ...good, files: [{ ...file, sizeBytes: -1 }] },
  'a missing field': { ...good, recoveryForkId: undefined },
  'an unknown kind': { ...good, kind: 'snapshot' },
  'an array': [good],
};
for (const [what, value] of Object.entries(bad)) {
  test(`${what} is a problem and not a set`, () => {
    assert.match(
      (parseManifest(JSON.stringify(value)) as { problem: string }).problem,
      /not a manifest of this version/,
    );
  });
}

test('text that is not JSON is a problem', () => {
  assert.deepEqual(parseManifest('{"formatVersion": 1,'), { problem: 'is not JSON' });
});
