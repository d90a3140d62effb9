import type { EngineDatabase } from '../database.ts';
import type { EngineInstance } from '../instance.ts';
import { lsnAt } from '../log/lsn.ts';
import { toDatetime } from '../moment.ts';
import { HistoryWriter } from './writer.ts';

interface CommittedMark {
  readonly database: EngineDatabase;
  readonly name: string;
  readonly description: string;
  readonly position: number;
  readonly ticks: bigint;
}

/** logmarkhistory gets a row for every committed marked transaction. */
export async function recordMark(instance: EngineInstance, mark: CommittedMark, signal: AbortSignal): Promise<void> {
  const writer = await HistoryWriter.open(instance, ['logmarkhistory'], signal);
  writer.insert('logmarkhistory', {
    database_name: mark.database.name,
    mark_name: mark.name,
    description: mark.description,
    user_name: '',
    lsn: { unscaled: lsnAt(mark.position), scale: 0 },
    mark_time: toDatetime({ ticks: mark.ticks }),
  });
  writer.commit();
}
