import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commit } from '../../activities/executor/commit.ts';
import { parseManifest } from '../../activities/executor/store/manifest.ts';
import { safeName } from '../../workflows/domain/naming.ts';
import type { Roots, StagedSet } from '../../activities/executor/tasks.ts';
import { control, guid, makeRoots, run, sha256Of, stagedFacts, stageFile } from './support.ts';

const instance = 'mssql-rt';
const folder = 'backup-mssql/run1';

function stagedSet(roots: Roots, database: string, names: readonly string[], bytes = 1000): StagedSet {
  const stagedFiles = names.map((name) => `${folder}/${name}`);
  for (const path of stagedFiles) stageFile(roots.sql, path, bytes);
  return { stagedFiles, set: stagedFacts({ database, name: names[0]! }) };
}

const stored = (roots: Roots, database: string, name: string): string =>
  join(roots.store, instance, safeName(database), name);
const partials = (roots: Roots): string[] => readdirSync(join(roots.store, instance, '.partial'));

test('a committed set is whole in the store, has a manifest with its hashes, and is no longer staged', async (t) => {
  const roots = makeRoots(t);
  const awkward = `we]ird 'naïve" ../db`;
  const set = stagedSet(roots, awkward, ['db_full_1.bak', 'db_full_2.bak'], 20_000_000);
  const contents = set.stagedFiles.map((path) => readFileSync(join(roots.sql, path)));

  const progress: number[] = [];
  const outcome = await commit({ instance, sets: [set] }, roots, {
    ...control(),
    progress: ({ doneBytes, totalBytes }) => progress.push(doneBytes / totalBytes),
  });

  const manifest = `${instance}/${safeName(awkward)}/db_full_1.bak.manifest.json`;
  assert.deepEqual(outcome, {
    committed: [{ setId: set.set.id, database: awkward, manifest, sizeBytes: 40_000_000 }],
    failed: [],
  });
  const parsed = parseManifest(readFileSync(join(roots.store, manifest), 'utf8'));
  assert.ok('set' in parsed);
  assert.equal(parsed.set.database, awkward);
  assert.deepEqual(
    parsed.set.files,
    contents.map((content, i) => ({ name: `db_full_${i + 1}.bak`, sizeBytes: 20_000_000, sha256: sha256Of(content) })),
  );
  for (const [i, content] of contents.entries()) {
    assert.ok(content.equals(readFileSync(stored(roots, awkward, `db_full_${i + 1}.bak`))));
  }
  assert.deepEqual(readdirSync(join(roots.sql, folder)), []);
  assert.deepEqual(partials(roots), []);
  assert.equal(progress.at(-1), 1);
});

test('committing again changes nothing and only removes the staged file', async (t) => {
  const roots = makeRoots(t);
  const set = stagedSet(roots, 'db', ['db_log.trn']);
  const content = readFileSync(join(roots.sql, set.stagedFiles[0]!));
  const first = await commit({ instance, sets: [set] }, roots, control());
  const manifest = readFileSync(stored(roots, 'db', 'db_log.trn.manifest.json'), 'utf8');
  writeFileSync(join(roots.sql, set.stagedFiles[0]!), content);

  assert.deepEqual(await commit({ instance, sets: [set] }, roots, control()), first);
  assert.equal(readFileSync(stored(roots, 'db', 'db_log.trn.manifest.json'), 'utf8'), manifest);
  assert.ok(!existsSync(join(roots.sql, set.stagedFiles[0]!)));
  assert.deepEqual(
    await commit({ instance, sets: [set] }, roots, control()),
    first,
    'and with nothing staged any more',
  );
});

test('a staged file that differs from the committed one is never deleted', async (t) => {
  const roots = makeRoots(t);
  const set = stagedSet(roots, 'db', ['db_log.trn']);
  await commit({ instance, sets: [set] }, roots, control());
  const other = stageFile(roots.sql, set.stagedFiles[0]!);

  const { committed, failed } = await commit({ instance, sets: [set] }, roots, control());
  assert.deepEqual(committed, []);
  assert.equal(failed[0]?.type, 'FileDamaged');
  assert.ok(other.equals(readFileSync(join(roots.sql, set.stagedFiles[0]!))));
});

test('a committed file that was lost from the store comes back from the staged one', async (t) => {
  const roots = makeRoots(t);
  const set = stagedSet(roots, 'db', ['db_log.trn']);
  const content = readFileSync(join(roots.sql, set.stagedFiles[0]!));
  await commit({ instance, sets: [set] }, roots, control());
  writeFileSync(join(roots.sql, set.stagedFiles[0]!), content);
  rmSync(stored(roots, 'db', 'db_log.trn'));

  const { failed } = await commit({ instance, sets: [set] }, roots, control());
  assert.deepEqual(failed, []);
  assert.ok(content.equals(readFileSync(stored(roots, 'db', 'db_log.trn'))));
});

test('a name that another set has in the store is not overwritten', async (t) => {
  const roots = makeRoots(t);
  await commit({ instance, sets: [stagedSet(roots, 'db', ['db_log.trn'])] }, roots, control());
  const before = readFileSync(stored(roots, 'db', 'db_log.trn'));
  const second = stagedSet(roots, 'db', ['db_log.trn']);
  const other = { ...second, set: { ...second.set, id: guid('another set') } };

  const { failed } = await commit({ instance, sets: [other] }, roots, control());
  assert.equal(failed[0]?.type, 'FileDamaged');
  assert.match(failed[0]?.message ?? '', /belongs to another backup set/);
  assert.ok(before.equals(readFileSync(stored(roots, 'db', 'db_log.trn'))));
  assert.ok(existsSync(join(roots.sql, other.stagedFiles[0]!)));
});

test('a file without a manifest is taken when it is a copy of the staged one, and left alone when it is not', async (t) => {
  const roots = makeRoots(t);
  const copy = stagedSet(roots, 'db', ['copy.trn']);
  const foreign = stagedSet(roots, 'db', ['foreign.trn']);
  mkdirSync(join(roots.store, instance, 'db'), { recursive: true });
  writeFileSync(stored(roots, 'db', 'copy.trn'), readFileSync(join(roots.sql, copy.stagedFiles[0]!)));
  writeFileSync(stored(roots, 'db', 'foreign.trn'), 'something else');

  const { committed, failed } = await commit({ instance, sets: [copy, foreign] }, roots, control());
  assert.deepEqual(
    committed.map(({ setId }) => setId),
    [copy.set.id],
  );
  assert.equal(failed[0]?.setId, foreign.set.id);
  assert.equal(readFileSync(stored(roots, 'db', 'foreign.trn'), 'utf8'), 'something else');
  assert.ok(existsSync(join(roots.sql, foreign.stagedFiles[0]!)));
});

test('an empty file is the claim of an attempt that died and is filled', async (t) => {
  const roots = makeRoots(t);
  const set = stagedSet(roots, 'db', ['db_log.trn']);
  const content = readFileSync(join(roots.sql, set.stagedFiles[0]!));
  mkdirSync(join(roots.store, instance, 'db'), { recursive: true });
  writeFileSync(stored(roots, 'db', 'db_log.trn'), '');
  writeFileSync(stored(roots, 'db', 'db_log.trn.manifest.json'), '');

  const { failed } = await commit({ instance, sets: [set] }, roots, control());
  assert.deepEqual(failed, []);
  assert.ok(content.equals(readFileSync(stored(roots, 'db', 'db_log.trn'))));
});

test('committers of the same sets at the same time end in one set each', async (t) => {
  const roots = makeRoots(t);
  const sets = ['a', 'b', 'c', 'd', 'e'].map((db) => stagedSet(roots, db, [`${db}_1.bak`, `${db}_2.bak`], 300_000));
  const contents = sets.map((set) => set.stagedFiles.map((path) => sha256Of(readFileSync(join(roots.sql, path)))));

  const outcomes = await Promise.all([1, 2, 3, 4].map(() => commit({ instance, sets }, roots, control())));
  for (const { failed, committed } of outcomes) {
    assert.deepEqual(failed, []);
    assert.equal(committed.length, sets.length);
  }
  for (const [i, { set }] of sets.entries()) {
    const names = readdirSync(join(roots.store, instance, set.database)).filter((name) => !name.startsWith('.'));
    assert.deepEqual(names.sort(), [
      `${set.database}_1.bak`,
      `${set.database}_1.bak.manifest.json`,
      `${set.database}_2.bak`,
    ]);
    const parsed = parseManifest(
      readFileSync(stored(roots, set.database, `${set.database}_1.bak.manifest.json`), 'utf8'),
    );
    assert.ok('set' in parsed);
    assert.deepEqual(
      parsed.set.files.map(({ sha256 }) => sha256),
      contents[i],
    );
  }
  assert.deepEqual(readdirSync(join(roots.sql, folder)), []);
  assert.deepEqual(partials(roots), []);
});

test('two sets that want the same name never mix: one gets it, the other stays staged', async (t) => {
  const roots = makeRoots(t);
  for (let round = 0; round < 10; round++) {
    const sets = ['x', 'y'].map((run): StagedSet => {
      const path = `backup-mssql/${run}/db_${round}.trn`;
      stageFile(roots.sql, path, 200_000);
      return { stagedFiles: [path], set: stagedFacts({ database: 'db', name: `${run} ${round}` }) };
    });
    const contents = sets.map((set) => sha256Of(readFileSync(join(roots.sql, set.stagedFiles[0]!))));
    const { committed, failed } = await commit({ instance, sets }, roots, control());
    assert.deepEqual([committed.length, failed.length], [1, 1]);
    const winner = sets.findIndex(({ set }) => set.id === committed[0]?.setId);
    assert.equal(sha256Of(readFileSync(stored(roots, 'db', `db_${round}.trn`))), contents[winner]);
    const parsed = parseManifest(readFileSync(stored(roots, 'db', `db_${round}.trn.manifest.json`), 'utf8'));
    assert.ok('set' in parsed);
    assert.deepEqual([parsed.set.id, parsed.set.files[0]?.sha256], [sets[winner]!.set.id, contents[winner]]);
    assert.ok(existsSync(join(roots.sql, sets[1 - winner]!.stagedFiles[0]!)));
  }
});

test('a committer that is overtaken finds its staged files gone and the set committed', async (t) => {
  const roots = makeRoots(t);
  const set = stagedSet(roots, 'db', ['db_1.bak', 'db_2.bak', 'db_3.bak']);
  const child = fileURLToPath(new URL('./kill/commit-child.ts', import.meta.url));
  const input = JSON.stringify({ roots, instance, sets: [set], dieAt: 0 });
  let overtaken = false;
  const { committed, failed } = await commit({ instance, sets: [set] }, roots, {
    ...control(),
    progress: () => {
      if (!overtaken) execFileSync(process.execPath, [child, input]);
      overtaken = true;
    },
  });
  assert.deepEqual(failed, []);
  assert.equal(committed[0]?.sizeBytes, 3000);
  assert.deepEqual(readdirSync(join(roots.sql, folder)), []);
});

test('one set that fails does not stop the others and says what is wrong', async (t) => {
  const roots = makeRoots(t);
  const good = stagedSet(roots, 'good', ['good.bak']);
  const gone: StagedSet = { stagedFiles: [`${folder}/gone.bak`], set: stagedFacts({ database: 'gone', name: 'gone' }) };
  const escaping: StagedSet = { stagedFiles: ['../../x.bak'], set: stagedFacts({ database: 'x', name: 'x' }) };
  const outside = stagedSet(roots, 'link', ['link0.bak']);
  symlinkSync('/etc/hostname', join(roots.sql, folder, 'link.bak'));
  const linked = { ...outside, stagedFiles: [`${folder}/link.bak`] };
  const unreadable = stagedSet(roots, 'bad', ['bad.bak']);
  const invalid = { ...unreadable, set: { ...unreadable.set, familyId: 'no guid' } };
  const empty = stagedSet(roots, 'empty', ['empty.bak'], 0);

  const sets = [gone, escaping, linked, invalid, empty, good];
  const { committed, failed } = await commit({ instance, sets }, roots, control());
  assert.deepEqual(
    committed.map(({ database }) => database),
    ['good'],
  );
  assert.deepEqual(
    failed.map(({ type }) => type),
    ['FileMissing', 'InvalidInput', 'InvalidInput', 'InvalidInput', 'FileDamaged'],
  );
  assert.match(failed[3]?.message ?? '', /familyId/);
  assert.ok(existsSync(join(roots.sql, folder, 'bad.bak')), 'what could not be committed stays staged');
});

test('a cancelled commit leaves the staged files and no partial', async (t) => {
  const roots = makeRoots(t);
  const set = stagedSet(roots, 'db', ['db.bak'], 40_000_000);
  const stop = new AbortController();
  const reason = new Error('cancelled');
  const committing = commit({ instance, sets: [set] }, roots, {
    signal: stop.signal,
    progress: () => stop.abort(reason),
  });
  await assert.rejects(committing, reason);
  assert.ok(existsSync(join(roots.sql, set.stagedFiles[0]!)));
  assert.deepEqual(partials(roots), []);
  assert.ok(!existsSync(stored(roots, 'db', 'db.bak')));
});

test('partials of dead processes go at once, those of other hosts when they are old, live ones stay', async (t) => {
  const roots = makeRoots(t);
  const set = stagedSet(roots, 'db', ['db.bak'], 40_000_000);
  const folderOfPartials = join(roots.store, instance, '.partial');
  let own = '';
  await commit({ instance, sets: [set] }, roots, {
    ...control(),
    progress: () => (own ||= readdirSync(folderOfPartials)[0] ?? ''),
  });
  const [, host] = /~([0-9a-f]{8})-\d+-\d+-[0-9a-f]{8}$/.exec(own) ?? [];
  const dead = `a.bak~${host}-${process.pid}-1-00000000`;
  const oldStranger = 'b.bak~0badc0de-1-1-00000000';
  const youngStranger = 'c.bak~0badc0de-1-1-11111111';
  for (const name of [own, dead, oldStranger, youngStranger]) writeFileSync(join(folderOfPartials, name), 'x');
  utimesSync(join(folderOfPartials, oldStranger), new Date(0), new Date(0));

  await commit({ instance, sets: [] }, roots, control());
  assert.deepEqual(partials(roots).sort(), [own, youngStranger].sort());
});

test('a missing store is a failure of the whole that is tried again', async (t) => {
  const roots = makeRoots(t);
  const set = stagedSet(roots, 'db', ['db.bak']);
  const nowhere = { ...roots, store: `${roots.store}-not-mounted` };
  await assert.rejects(run('commit', { instance, sets: [set] }, nowhere), { type: 'StoreUnavailable' });
  assert.ok(!existsSync(nowhere.store));
  assert.ok(existsSync(join(roots.sql, set.stagedFiles[0]!)));
});
