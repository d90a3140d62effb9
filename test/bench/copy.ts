/**
 * Copy with hash and fsync against `cp` and then `sha256sum` of the copy, which does not wait for the disk. Run by hand:
 *
 *     node test/bench/copy.ts [megabytes] [runs] [folder]
 *
 * Both read the same file from a warm page cache and write a new one, in turns; before each, what is dirty is written out.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { randomFillSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { copyFile } from '../../activities/executor/io/copy.ts';

const [megabytes = 2048, runs = 5] = process.argv.slice(2, 4).map(Number);
const folder = mkdtempSync(join(process.argv[4] ?? tmpdir(), 'pitr-bench-'));
const from = join(folder, 'from');
const to = join(folder, 'to');

function tool(program: string, ...args: string[]): Buffer {
  return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
}

async function timed(work: () => unknown): Promise<number> {
  tool('sync');
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  rmSync(to);
  return seconds;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

async function makeSource(): Promise<void> {
  await using file = await open(from, 'wx');
  const block = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < megabytes; i++) await file.write(randomFillSync(block));
  await file.sync();
}

const hashes = new Set<string>();
const ours: number[] = [];
const theirs: number[] = [];
const disk: number[] = [];
const delays: number[] = [];
let longest = 0;
let mostMemory = 0;
try {
  await makeSource();
  for (let i = 0; i < runs; i++) {
    theirs.push(
      await timed(() => {
        tool('cp', from, to);
        hashes.add(tool('sha256sum', to).toString().slice(0, 64));
      }),
    );
    disk.push(await timed(() => tool('dd', `if=${from}`, `of=${to}`, 'bs=4M', 'conv=fdatasync')));
    ours.push(
      await timed(async () => {
        const delay = monitorEventLoopDelay({ resolution: 1 });
        delay.enable();
        const onBytes = (): void => void (mostMemory = Math.max(mostMemory, process.memoryUsage().rss));
        const copied = await copyFile({ from, to, signal: new AbortController().signal, durable: true, onBytes });
        hashes.add(copied.sha256);
        delay.disable();
        delays.push(delay.percentile(99) / 1e6);
        longest = Math.max(longest, delay.max / 1e6);
      }),
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
if (hashes.size !== 1) throw new Error('the hashes differ');
const list = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(' ');
console.log(`${megabytes} MB, ${runs} runs in turns, seconds`);
console.log(`cp + sha256sum    ${list(theirs)}   median ${median(theirs).toFixed(2)}`);
console.log(`dd conv=fdatasync ${list(disk)}   median ${median(disk).toFixed(2)} (what the disk alone takes)`);
console.log(`copy, hash, fsync ${list(ours)}   median ${median(ours).toFixed(2)}`);
console.log(`ratio of medians ${(median(ours) / median(theirs)).toFixed(2)} (bound 0.80)`);
console.log(`event loop delay while copying: p99 ${median(delays).toFixed(1)} ms, longest ${longest.toFixed(1)} ms`);
console.log(`resident memory at most ${(mostMemory / 1e6).toFixed(0)} MB`);
