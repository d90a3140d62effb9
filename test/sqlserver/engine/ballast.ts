import { randomBytes, randomInt } from 'node:crypto';
import type { EngineDatabase } from './database.ts';

const MEGABYTE = 1 << 20;
const BATCH = 8;

const seed = () => randomBytes(8).readBigInt64LE();

/** In batches, each a transaction; other work gets its turn in between. */
async function inBatches(indexes: readonly number[], write: (batch: readonly number[]) => void): Promise<void> {
  for (let at = 0; at < indexes.length; at += BATCH) {
    write(indexes.slice(at, at + BATCH));
    await new Promise(setImmediate);
  }
}

function writeExtents(database: EngineDatabase, indexes: readonly number[]): Promise<void> {
  return inBatches(indexes, (batch) => {
    database.writeBallast(batch.map((index) => ({ op: 'extent', index, seed: seed() })));
  });
}

/** Makes a database larger by data that nobody looks at. */
export async function addBallast(database: EngineDatabase, megabytes: number): Promise<void> {
  const first = database.storage.boot.ballast.count;
  await writeExtents(
    database,
    Array.from({ length: megabytes }, (_, i) => first + i),
  );
}

/** Changes that much of the ballast, as a differential backup will notice; returns how many extents it was. */
export async function touchBallast(database: EngineDatabase, megabytes: number): Promise<number> {
  const { count } = database.storage.boot.ballast;
  const start = count === 0 ? 0 : randomInt(count);
  const wanted = Math.min(count, megabytes);
  await writeExtents(
    database,
    Array.from({ length: wanted }, (_, i) => (start + i) % count).toSorted((a, b) => a - b),
  );
  return wanted;
}

/** Changes a byte of the data file behind the database's back, as a failing disk would. */
export function damageExtent(database: EngineDatabase, index: number): void {
  const { storage } = database;
  const bytes = storage.readExtent(index);
  bytes[MEGABYTE / 2] = bytes[MEGABYTE / 2]! ^ 0xff;
  storage.putExtent(index, bytes);
}

/** Makes the log larger, as a bulk load would. */
export async function fillLog(database: EngineDatabase, megabytes: number): Promise<void> {
  for (let done = 0; done < megabytes; done += 1) {
    database.writeBallast([{ op: 'filler', bytes: randomBytes(MEGABYTE) }]);
    await new Promise(setImmediate);
  }
}
