import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ImportSet } from '../../activities/executor/import/document.ts';
import type { Roots, Tasks } from '../../activities/executor/tasks.ts';
import { storeChain } from '../../workflows/domain/chain.ts';
import { chainOfSets, makeRoots, run, sha256Of, stageFile, stagedFacts } from './support.ts';

const instance = 'mssql-rt';

/** A full and two logs of a database; the logs lie in one file. */
function planned(roots: Roots, database = 'db'): readonly ImportSet[] {
  const sets = chainOfSets(database, 2).map((set) => stagedFacts({ ...set, database }));
  stageFile(roots.sql, `old/${database}.bak`);
  stageFile(roots.sql, `old/${database}.trn`);
  const name = (i: number): string => `${database}_import_${i}.${i === 0 ? 'bak' : 'trn'}`;
  return sets.map((set, i) => ({
    sources: [`old/${database}.${i === 0 ? 'bak' : 'trn'}`],
    names: [name(i)],
    twin: i === 2 ? { folder: `${instance}/${database}`, names: [name(1)] } : null,
    set: { ...set, position: i === 2 ? 2 : 1 },
  }));
}

async function take(
  roots: Roots,
  sets: readonly ImportSet[],
  without: readonly number[] = [],
): Promise<Tasks['importSets']['output']> {
  const written = await run('writeImport', { instance, importId: 'i1', sets }, roots);
  const slice = { ...written, from: 0, to: sets.length };
  assert.deepEqual((await run('readImport', slice, roots)).sets.length, sets.length);
  return run('importSets', { instance, ...slice, without }, roots);
}

test('sets are copied with manifests, their sources stay, and two sets in one file share its bytes', async (t) => {
  const roots = makeRoots(t);
  const sets = planned(roots);
  const { imported, failed } = await take(roots, sets);
  assert.deepEqual([imported, failed], [3, []]);
  const folder = join(roots.store, instance, 'db');
  for (const { sources, names } of sets) {
    const source = readFileSync(join(roots.sql, sources[0] ?? ''));
    assert.ok(source.equals(readFileSync(join(folder, names[0] ?? ''))));
    const manifest = JSON.parse(readFileSync(join(folder, `${names[0]}.manifest.json`), 'utf8')) as {
      files: [{ sha256: string }];
    };
    assert.equal(manifest.files[0].sha256, sha256Of(source));
  }
  const inode = (i: number): number => statSync(join(folder, sets[i]?.names[0] ?? '')).ino;
  assert.equal(inode(1), inode(2), 'the second set of a file costs no space');
  assert.notEqual(inode(0), inode(1));

  const { chains } = await run('chains', { instance }, roots);
  assert.deepEqual(chains[0]?.head, storeChain('db', chainOfSets('db', 2)).head);
});

test('done again it changes nothing, and left out sets are taken the next time', async (t) => {
  const roots = makeRoots(t);
  const sets = planned(roots);
  assert.equal((await take(roots, sets, [1])).imported, 2, 'the twin of what was left out is copied itself');
  const before = readFileSync(join(roots.store, instance, 'db', `${sets[0]?.names[0]}.manifest.json`), 'utf8');
  assert.equal((await take(roots, sets)).imported, 3);
  assert.equal((await take(roots, sets)).imported, 3);
  assert.equal(readFileSync(join(roots.store, instance, 'db', `${sets[0]?.names[0]}.manifest.json`), 'utf8'), before);
  const { ids } = await run('storedIds', { instance, databases: ['db'] }, roots);
  assert.deepEqual([...ids].sort(), sets.map(({ set }) => set.id).sort());
});

test('a source that is gone is named, and the others are taken in', async (t) => {
  const roots = makeRoots(t);
  const sets = planned(roots);
  const gone: ImportSet = { ...sets[0]!, sources: ['old/gone.bak'] };
  const { imported, failed } = await take(roots, [gone, ...sets.slice(1)]);
  assert.equal(imported, 2);
  assert.equal(failed[0]?.file, 'old/gone.bak');
  assert.match(failed[0]?.why ?? '', /is not there/);
  assert.ok(!existsSync(join(roots.store, instance, 'db', sets[0]?.names[0] ?? '')));
});

test('a plan that was changed after it was made is refused', async (t) => {
  const roots = makeRoots(t);
  const sets = planned(roots);
  const { path, digest } = await run('writeImport', { instance, importId: 'i1', sets }, roots);
  const real = join(roots.store, path);
  writeFileSync(real, readFileSync(real, 'utf8').replace('old/db.bak', 'old/../x'));
  await assert.rejects(run('readImport', { path, digest, from: 0, to: 3 }, roots), /is not what was planned/);
});
