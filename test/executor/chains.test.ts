import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Roots } from '../../activities/executor/tasks.ts';
import { storeChain } from '../../workflows/domain/chain.ts';
import { safeName } from '../../workflows/domain/naming.ts';
import { backupSet, chainOfSets, fileNameOf, fillStore, guid, makeRoots, run } from './support.ts';

const instance = 'mssql-rt';
const cacheOf = (roots: Roots, database: string): string =>
  join(roots.store, instance, safeName(database), '.chain.json');

test('chains are what the planner makes of the manifests, for all databases or the named ones', async (t) => {
  const roots = makeRoots(t);
  const awkward = `we]ird 'naïve" ../db`;
  const sets = { [awkward]: chainOfSets(awkward, 5), db2: chainOfSets('db2', 0) };
  for (const one of Object.values(sets)) fillStore(roots.store, one);

  const all = await run('chains', { instance }, roots);
  assert.deepEqual(all.problems, []);
  assert.deepEqual(all.chains, [storeChain('db2', sets.db2), storeChain(awkward, sets[awkward])]);
  assert.equal(all.chains[1]?.head?.lastSetId, sets[awkward].at(-1)?.id);
  const named = await run('chains', { instance, databases: [awkward, 'not there'] }, roots);
  assert.deepEqual(named.chains, [storeChain(awkward, sets[awkward])]);
});

test('an instance that the store has nothing of has no chains', async (t) => {
  assert.deepEqual(await run('chains', { instance }, makeRoots(t)), { chains: [], problems: [] });
});

test('the cache never changes an answer, whatever comes and goes', async (t) => {
  const database = 'db';
  const sets = chainOfSets(database, 12);
  const change = fc.record({ add: fc.boolean(), which: fc.array(fc.nat(12), { minLength: 1, maxLength: 5 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
      const roots = makeRoots(t);
      const present = new Set<number>();
      for (const { add, which } of changes) {
        for (const i of which) {
          const set = sets[i]!;
          const path = join(roots.store, instance, database, fileNameOf(set));
          if (add) fillStore(roots.store, [set]);
          else for (const name of [path, `${path}.manifest.json`]) rmSync(name, { force: true });
          if (add) present.add(i);
          else present.delete(i);
        }
        const withCache = await run('chains', { instance, databases: [database] }, roots);
        const again = await run('chains', { instance, databases: [database] }, roots);
        rmSync(cacheOf(roots, database), { force: true });
        const without = await run('chains', { instance, databases: [database] }, roots);
        assert.deepEqual(withCache, without);
        assert.deepEqual(again, without);
        const there = [...present].map((i) => sets[i]!);
        const expected = existsSync(join(roots.store, instance, database)) ? [storeChain(database, there)] : [];
        assert.deepEqual(without.chains, expected);
      }
    }),
    { numRuns: 25 },
  );
});

test('only manifests that are new are read', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 3);
  fillStore(roots.store, sets.slice(0, 3));
  await run('chains', { instance }, roots);
  const old = join(roots.store, instance, 'db', `${fileNameOf(sets[1]!)}.manifest.json`);
  writeFileSync(old, 'would be a problem if it was read');
  fillStore(roots.store, sets.slice(3));
  assert.deepEqual(await run('chains', { instance }, roots), { chains: [storeChain('db', sets)], problems: [] });
});

test('a file that goes away after its manifest was read is missed all the same', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 3);
  fillStore(roots.store, sets);
  await run('chains', { instance }, roots);
  rmSync(join(roots.store, instance, 'db', fileNameOf(sets[3]!)));
  for (let again = 0; again < 2; again++) {
    const { chains, problems } = await run('chains', { instance }, roots);
    const lost = [`its file ${fileNameOf(sets[3]!)} is gone`];
    const left = storeChain('db', sets.slice(0, 3));
    const whole = storeChain('db', sets);
    const { head, differentialBases } = whole;
    assert.deepEqual(chains, [{ ...left, lost: { head, differentialBases, files: lost } }]);
    assert.match(problems[0]?.message ?? '', /is gone/, 'every time it is asked for');
  }
});

test('a cache that is torn, of another version or of another folder is not believed', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 3);
  fillStore(roots.store, sets);
  const right = await run('chains', { instance }, roots);
  const cache = readFileSync(cacheOf(roots, 'db'), 'utf8');
  fillStore(roots.store, chainOfSets('other', 1));
  await run('chains', { instance }, roots);
  const foreign = readFileSync(cacheOf(roots, 'other'), 'utf8');
  for (const text of ['', 'x', cache.slice(0, -20), cache.replace('"head"', '"HEAD"'), foreign]) {
    writeFileSync(cacheOf(roots, 'db'), text);
    const { chains } = await run('chains', { instance, databases: ['db'] }, roots);
    assert.deepEqual(chains, right.chains);
  }
});

test('what is wrong in one folder is reported and does not touch the rest', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 4);
  fillStore(roots.store, sets);
  const folder = join(roots.store, instance, 'db');
  const [full, , second, third] = sets;
  writeFileSync(join(folder, `${fileNameOf(second!)}.manifest.json`), '{ torn');
  rmSync(join(folder, fileNameOf(third!)));
  fillStore(roots.store, [
    backupSet({ ...full!, id: guid('x'), startedAt: '2026-02-11T00:00:00.000Z', familyId: 'no' }),
  ]);
  const foreign = fillStore(roots.store, [backupSet({ database: 'elsewhere' })])[0]!;
  const elsewhere = join(roots.store, instance, 'elsewhere', foreign.files[0]!.name);
  for (const ending of ['', '.manifest.json']) {
    writeFileSync(join(folder, `${foreign.files[0]!.name}${ending}`), readFileSync(`${elsewhere}${ending}`));
  }
  mkdirSync(join(roots.store, instance, 'nothing-in-it'));
  symlinkSync('/etc', join(roots.store, instance, 'etc'));
  writeFileSync(join(roots.store, instance, 'stray-file'), 'x');
  fillStore(roots.store, chainOfSets('healthy', 1));

  const { chains, problems } = await run('chains', { instance }, roots);
  assert.deepEqual(
    chains.map(({ database }) => database),
    ['db', 'elsewhere', 'healthy'],
  );
  assert.deepEqual({ ...chains[0], lost: null }, storeChain('db', [sets[0]!, sets[1]!, sets[4]!]));
  assert.deepEqual(problems.map(({ database }) => database).sort(), ['db', 'db', 'db', 'db', 'etc']);
  const text = problems.map(({ message }) => message).join('\n');
  for (const part of [/is not JSON/, /is gone/, /familyId/, /belongs elsewhere/, /outside of its root/])
    assert.match(text, part);
});
