import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is asked for: the next bytes lie at the beginning of a shared buffer, or there are no more. */
export type HashMessage = { readonly slot: number; readonly length: number } | 'end';

const buffers = (workerData as readonly SharedArrayBuffer[]).map((shared) => Buffer.from(shared));
const hash = createHash('sha256');

parentPort?.on('message', (message: HashMessage) => {
  if (message === 'end') {
    parentPort?.postMessage(hash.digest('hex'));
    return;
  }
  hash.update(buffers[message.slot]!.subarray(0, message.length));
  parentPort?.postMessage(null);
});
