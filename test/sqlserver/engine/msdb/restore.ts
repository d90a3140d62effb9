import type { RestoreStatement } from '../../contracts.ts';
import { BACKUP_TYPE } from '../backup/set.ts';
import type { BackupSet } from '../backup/set.ts';
import { count } from '../backup/values.ts';
import type { StoredFile } from '../boot.ts';
import type { EngineInstance } from '../instance.ts';
import { momentNow, toDatetime } from '../moment.ts';
import { addBackup, BACKUP_TABLES } from './backup.ts';
import type { SetMedia } from './backup.ts';
import { HistoryWriter } from './writer.ts';

const TYPE_LETTER = { [BACKUP_TYPE.full]: 'D', [BACKUP_TYPE.log]: 'L', [BACKUP_TYPE.differential]: 'I' };
const TABLES = [...BACKUP_TABLES, 'restorehistory', 'restorefile', 'restorefilegroup'];

interface RestoreRecord {
  readonly set: BackupSet;
  readonly media: SetMedia;
  readonly statement: RestoreStatement;
  readonly userName: string;
  readonly files: readonly StoredFile[];
}

/** A backup that was taken elsewhere enters backupset first, then the restore its own tables. */
export async function recordRestore(
  instance: EngineInstance,
  record: RestoreRecord,
  signal: AbortSignal,
): Promise<void> {
  const { statement, set } = record;
  const writer = await HistoryWriter.open(instance, TABLES, signal);
  try {
    const id = writer.insert('restorehistory', {
      restore_date: toDatetime(momentNow(instance.clock)),
      destination_database_name: statement.database,
      user_name: record.userName,
      backup_set_id: addBackup(writer, set, record.media),
      restore_type: TYPE_LETTER[set.type],
      replace: statement.replace,
      recovery: statement.recovery === 'recovery',
      restart: statement.restart,
      stop_at: statement.stopAt === undefined ? null : toDatetime(statement.stopAt),
      device_count: statement.devices.length,
      stop_at_mark_name: statement.stopMark?.name ?? null,
      stop_before: statement.stopMark?.before ?? null,
    });
    if (set.type === BACKUP_TYPE.full) {
      for (const file of record.files) {
        writer.insert('restorefile', {
          restore_history_id: id,
          file_number: count(file.fileId),
          destination_phys_drive: 'C:\\',
          destination_phys_name: file.physicalName,
        });
      }
      writer.insert('restorefilegroup', { restore_history_id: id, filegroup_name: 'PRIMARY' });
    }
    writer.commit();
  } catch (error) {
    writer.rollback();
    throw error;
  }
}
