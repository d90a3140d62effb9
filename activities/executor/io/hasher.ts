import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { HashMessage } from './hash-thread.ts';

/** SHA-256 over a stream that passes through a few buffers of a fixed size. */
export interface Hasher extends AsyncDisposable {
  readonly buffers: readonly Buffer[];
  /** Takes the first bytes of a buffer; calls are taken in order. The buffer is free again when it resolves. */
  update(slot: number, length: number): Promise<void>;
  digest(): Promise<string>;
}

const bufferBytes = 4 * 1024 * 1024;

/** Below this, starting a thread takes longer than hashing. */
const threadFromBytes = 16 * 1024 * 1024;

/** More threads than processors hash no faster, and each holds its buffers. */
const mostThreads = Math.max(2, availableParallelism());
let threads = 0;

export function createHasher(fileBytes: number): Hasher {
  return fileBytes < threadFromBytes || threads >= mostThreads ? inlineHasher(fileBytes) : threadHasher();
}

function inlineHasher(fileBytes: number): Hasher {
  const size = Math.min(Math.max(fileBytes, 1), 1024 * 1024);
  const buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)];
  const hash = createHash('sha256');
  return {
    buffers,
    update: async (slot, length) => void hash.update(buffers[slot]!.subarray(0, length)),
    digest: async () => hash.digest('hex'),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A thread of its own: hashing runs beside reading and writing, and the event loop keeps its time for heartbeats. */
function threadHasher(): Hasher {
  threads += 1;
  const shared = [0, 1, 2].map(() => new SharedArrayBuffer(bufferBytes));
  const thread = new Worker(new URL('./hash-thread.ts', import.meta.url), { workerData: shared });
  const waiting: PromiseWithResolvers<string | null>[] = [];
  let broken: Error | null = null;

  thread.on('message', (answer: string | null) => waiting.shift()?.resolve(answer));
  const fail = (error: Error): void => {
    broken ??= error;
    for (const one of waiting.splice(0)) one.reject(broken);
  };
  thread.on('error', fail);
  thread.on('exit', (code) => fail(new Error(`the hashing thread ended with exit code ${code}`)));

  const ask = async (message: HashMessage): Promise<string | null> => {
    if (broken) throw broken;
    const one = Promise.withResolvers<string | null>();
    waiting.push(one);
    thread.postMessage(message);
    return one.promise;
  };
  return {
    buffers: shared.map((buffer) => Buffer.from(buffer)),
    update: async (slot, length) => void (await ask({ slot, length })),
    digest: async () => (await ask('end')) ?? '',
    [Symbol.asyncDispose]: async () => {
      threads -= 1;
      await thread.terminate();
    },
  };
}
