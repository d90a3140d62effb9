import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Maker } from '../../worker/dev/temporal-makers.ts';
import { temporalBinary } from '../../worker/dev/temporal-binary.ts';

let folder = '';
const said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitr-binary-'));
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(path: string, text = '#!/bin/sh\n'): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

const maker = (what: string, make: Maker['make']): Maker => ({ what, make });
const gives = (what: string): Maker => maker(what, async (into) => program(join(into, `temporal-${what}`), what));
const fails = (what: string): Maker => maker(what, () => Promise.reject(new Error(`${what} is out`)));
const find = (env: Record<string, string>, makers: readonly Maker[] = []): Promise<string> =>
  temporalBinary({ env: { XDG_CACHE_HOME: join(folder, 'cache'), ...env }, say: (line) => said.push(line), makers });
const inCache = (): string => join(folder, 'cache', 'mssql-pitr', 'bin', 'temporal');

describe('the temporal program', () => {
  it('is the one that TEMPORAL_CLI names, before any other', async () => {
    const named = program(join(folder, 'mine'));
    program(join(folder, 'path', 'temporal'));
    program(inCache());
    assert.equal(await find({ TEMPORAL_CLI: named, PATH: join(folder, 'path') }), named);
  });

  it('is not looked for elsewhere when TEMPORAL_CLI names none', async () => {
    program(inCache());
    await assert.rejects(
      find({ TEMPORAL_CLI: join(folder, 'gone') }),
      /TEMPORAL_CLI names .*gone, which is not a program/,
    );
    const plain = join(folder, 'plain.txt');
    writeFileSync(plain, '');
    await assert.rejects(find({ TEMPORAL_CLI: plain }), /not a program/);
    await assert.rejects(find({ TEMPORAL_CLI: folder }), /not a program/);
  });

  it('is the first on the PATH, before the cache; a folder of that name is none', async () => {
    mkdirSync(join(folder, 'a', 'temporal'), { recursive: true });
    const onPath = program(join(folder, 'b', 'temporal'));
    program(inCache());
    assert.equal(await find({ PATH: `${join(folder, 'a')}:${join(folder, 'b')}` }), onPath);
  });

  it('is taken from the cache, without a word', async () => {
    program(inCache());
    assert.equal(await find({ PATH: '' }, [fails('download')]), inCache());
    assert.deepEqual(said, []);
  });

  it('is made by the first way that works, put into the cache, and said', async () => {
    assert.equal(await find({ PATH: '' }, [fails('download'), gives('build')]), inCache());
    assert.equal(readFileSync(inCache(), 'utf8'), 'build');
    assert.deepEqual(said, ['download …', 'download: did not work (download is out)', 'build …', 'build: done in 0 s']);
    assert.equal(existsSync(`${inCache()}.lock`), false);
  });

  it('that cannot be had is refused with every way that was tried and what to do', async () => {
    await assert.rejects(
      find({ PATH: '' }, [fails('download'), fails('build')]),
      /none could be had:\n {2}download: download is out\n {2}build: build is out\nInstall the Temporal CLI/,
    );
    assert.equal(existsSync(`${inCache()}.lock`), false);
  });

  it('is made once for all that want it at the same time', async () => {
    let made = 0;
    const finish = Promise.withResolvers<void>();
    const slow = maker('build', async (into) => {
      made += 1;
      await finish.promise;
      return program(join(into, 'temporal'));
    });
    const all = [find({ PATH: '' }, [slow]), find({ PATH: '' }, [slow]), find({ PATH: '' }, [slow])];
    const deadline = Date.now() + 10_000;
    while (said.length < 3 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    finish.resolve();
    assert.deepEqual(await Promise.all(all), [inCache(), inCache(), inCache()]);
    assert.equal(made, 1);
    assert.equal(said.filter((line) => line.includes('waiting for it')).length, 2);
  });

  it('is made when the process that was making it has died', async () => {
    mkdirSync(join(inCache(), '..'), { recursive: true });
    // No process has this id: it is above the largest that Linux gives.
    writeFileSync(`${inCache()}.lock`, '4194305');
    assert.equal(await find({ PATH: '' }, [gives('build')]), inCache());
  });
});
