import type { SqlMessage } from '../contracts.ts';
import { extentIsWhole } from './files/ballast.ts';
import { UNIT } from './files/data-file.ts';
import { readSnapshot, storedUnits } from './files/snapshot-file.ts';
import { unitAt } from './files/runs.ts';
import { failure } from './messages.ts';
import type { Storage } from './storage.ts';

const PAGE = 8192;

/** The first page of a unit of the data file. */
export function pageOf(unit: number): number {
  return ((unit + 1) * UNIT) / PAGE;
}

const damagedPage = (page: number) =>
  failure(
    8928,
    `Object ID 0, index ID -1, partition ID 0, alloc unit ID 0 (type Unknown): Page (1:${page}) could not be processed.  See other errors for details.`,
  );

/** DBCC CHECKDB: reads everything again. */
export async function checkStorage(storage: Storage, signal: AbortSignal): Promise<readonly SqlMessage[]> {
  const { boot, file } = storage;
  const damage: SqlMessage[] = [];
  const snapshot = boot.snapshot;
  try {
    for (const change of readSnapshot(storedUnits(file, snapshot))) void change;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    damage.push(damagedPage(pageOf(snapshot.runs[0]?.[0] ?? 0)));
  }
  for (let index = 0; index < boot.ballast.count; index += 1) {
    signal.throwIfAborted();
    if (!extentIsWhole(storage.readExtent(index), index))
      damage.push(damagedPage(pageOf(unitAt(boot.ballast.runs, index))));
    if (index % 16 === 15) await new Promise(setImmediate);
  }
  return damage;
}
