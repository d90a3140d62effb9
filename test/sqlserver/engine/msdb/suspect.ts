import type { EngineDatabase } from '../database.ts';
import type { EngineInstance } from '../instance.ts';
import { momentNow, toDatetime } from '../moment.ts';
import { HistoryWriter } from './writer.ts';

/** 2: bad checksum. */
const BAD_CHECKSUM = 2;

export async function recordSuspectPage(
  instance: EngineInstance,
  found: { readonly database: EngineDatabase; readonly page: number },
  signal: AbortSignal,
): Promise<void> {
  const writer = await HistoryWriter.open(instance, ['suspect_pages'], signal);
  const date = toDatetime(momentNow(instance.clock));
  const read = (row: Parameters<HistoryWriter['read']>[1], column: string) => writer.read('suspect_pages', row, column);
  const known = [...writer.rows('suspect_pages')].find(
    (row) => read(row, 'database_id') === found.database.id && read(row, 'page_id') === BigInt(found.page),
  );
  if (known === undefined) {
    writer.insert('suspect_pages', {
      database_id: found.database.id,
      file_id: 1,
      page_id: BigInt(found.page),
      event_type: BAD_CHECKSUM,
      error_count: 1,
      last_update_date: date,
    });
  } else {
    const errors = Number(read(known, 'error_count')) + 1;
    writer.replace('suspect_pages', known, { error_count: errors, last_update_date: date });
  }
  writer.commit();
}
