import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { copyFile } from '../../activities/executor/io/copy.ts';
import { openBigFolder } from './big-folder.ts';
import { median, seconds, secondsOf } from './median.ts';
import type { Section } from './section.ts';

/** Both read the same file from a warm page cache and write a new one, in turns; before each, what is dirty is written out. */
export const copySection: Section = {
  name: 'copy',
  title: 'copy with hash and fsync, against cp and then sha256sum, which do not wait for the disk',
  async run({ measured, note }, { runs, copyMegabytes }) {
    await using folder = await openBigFolder(2.2 * copyMegabytes * 2 ** 20);
    const race = await openCopyRace(folder.path, copyMegabytes);
    const ours: number[] = [];
    const theirs: number[] = [];
    const disk: number[] = [];
    for (let i = 0; i < runs; i += 1) {
      theirs.push(await race.tools());
      disk.push(await race.diskAlone());
      ours.push(await race.product());
    }
    race.compareHashes();
    measured({ what: `copy of ${copyMegabytes} MB`, value: median(ours) / median(theirs), unit: '×', bound: 0.8 });
    note(`product ${seconds(ours)}; cp and sha256sum ${seconds(theirs)}`);
    note(`dd conv=fdatasync, what the disk alone takes, ${seconds(disk)}`);
    note(`while copying, the event loop was late by at most ${race.latestMs().toFixed(0)} ms`);
  },
};

interface CopyRace {
  tools(): Promise<number>;
  diskAlone(): Promise<number>;
  product(): Promise<number>;
  /** The longest delay of the event loop in the product's runs. */
  latestMs(): number;
  compareHashes(): void;
}

async function openCopyRace(folder: string, megabytes: number): Promise<CopyRace> {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  await writeRandom(from, megabytes);
  const hashes = new Set<string>();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let latest = 0;
  const timed = async (work: () => Promise<void>): Promise<number> => {
    tool('sync');
    const taken = await secondsOf(work);
    await rm(to);
    return taken;
  };
  return {
    tools: () =>
      timed(async () => {
        tool('cp', from, to);
        hashes.add(tool('sha256sum', to).slice(0, 64));
      }),
    diskAlone: () => timed(async () => void tool('dd', `if=${from}`, `of=${to}`, 'bs=4M', 'conv=fdatasync')),
    product: () =>
      timed(async () => {
        delay.reset();
        delay.enable();
        const signal = new AbortController().signal;
        const { sha256 } = await copyFile({ from, to, signal, durable: true, onBytes: () => undefined });
        delay.disable();
        hashes.add(sha256);
        latest = Math.max(latest, delay.max / 1e6);
      }),
    latestMs: () => latest,
    compareHashes() {
      if (hashes.size !== 1) throw new Error('the hashes differ');
    },
  };
}

function tool(program: string, ...args: string[]): string {
  return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
}

async function writeRandom(path: string, megabytes: number): Promise<void> {
  await using file = await open(path, 'wx');
  const block = Buffer.alloc(2 ** 20);
  for (let i = 0; i < megabytes; i += 1) await file.write(randomFillSync(block));
  await file.sync();
}
