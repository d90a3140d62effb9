import type { Database } from '../../../contracts.ts';
import { requireDatabaseState, requireServerState } from '../access.ts';
import { isOpen } from '../catalog/states.ts';
import type { SystemParameter } from '../contract.ts';
import type { Row } from '../layout.ts';
import { dateZero, lsnParts, lsnText } from '../values.ts';
import { view } from '../view.ts';
import { databaseArg } from './selection.ts';

const megabyte = 1024 * 1024;
const databaseId: SystemParameter = { name: 'database_id', type: { name: 'int' }, optional: true };

const logBytes = (database: Database): number =>
  database.files.filter((file) => file.type === 'LOG').reduce((sum, file) => sum + file.sizeBytes, 0);

/** Virtual log files from the oldest that is needed to the one that is being written. */
function activeVlfs(database: Database): readonly bigint[] {
  const { minLsn, endLsn } = database.logStats();
  const first = lsnParts(minLsn)[0];
  const last = lsnParts(endLsn)[0];
  return Array.from({ length: Math.max(1, Number(last - first) + 1) }, (_, i) => first + BigInt(i));
}

/**
 * The engine keeps one log file without fixed virtual log files: only the active ones can be counted, and the columns about
 * checkpoints and recovery stay NULL.
 */
function logStatsRow(database: Database): Row {
  if (!isOpen(database)) return { database_id: database.id, recovery_model: database.recoveryModel };
  const stats = database.logStats();
  const vlfs = activeVlfs(database);
  const total = logBytes(database) / megabyte;
  return {
    database_id: database.id,
    recovery_model: database.recoveryModel,
    log_min_lsn: lsnText(stats.minLsn),
    log_end_lsn: lsnText(stats.endLsn),
    current_vlf_sequence_number: vlfs.at(-1) ?? 0n,
    current_vlf_size_mb: total / vlfs.length,
    total_vlf_count: vlfs.length,
    total_log_size_mb: total,
    active_vlf_count: vlfs.length,
    log_truncation_holdup_reason: stats.reuseWait,
    log_backup_time: stats.logBackupTime ?? dateZero,
    log_backup_lsn: lsnText(stats.logBackupLsn ?? 0n),
    log_since_last_log_backup_mb: stats.sinceLastLogBackupBytes / megabyte,
  };
}

export const logViews = [
  view({
    name: 'sys.dm_db_log_stats',
    parameters: [databaseId],
    columns: `
      database_id int, recovery_model nvarchar(60) null, log_min_lsn nvarchar(24) null, log_end_lsn nvarchar(24) null,
      current_vlf_sequence_number bigint null, current_vlf_size_mb float null, total_vlf_count bigint null,
      total_log_size_mb float null, active_vlf_count bigint null, active_log_size_mb float null,
      log_truncation_holdup_reason nvarchar(60) null, log_backup_time datetime null, log_backup_lsn nvarchar(24) null,
      log_since_last_log_backup_mb float null, log_checkpoint_lsn nvarchar(24) null,
      log_since_last_checkpoint_mb float null, log_recovery_lsn nvarchar(24) null, log_recovery_size_mb float null,
      recovery_vlf_count bigint null, log_state nvarchar(60) null`,
    *rows(context, [id]) {
      requireServerState(context);
      const database = databaseArg(context, id);
      if (database !== undefined) yield logStatsRow(database);
    },
  }),
  view({
    name: 'sys.dm_db_log_info',
    parameters: [databaseId],
    columns: `
      database_id int, file_id smallint, vlf_begin_offset bigint, vlf_size_mb float, vlf_sequence_number bigint,
      vlf_active bit = 1, vlf_status int, vlf_parity tinyint = 64, vlf_first_lsn nvarchar(48) null,
      vlf_create_lsn nvarchar(48) null, vlf_encryptor_thumbprint varbinary(20) null`,
    *rows(context, [id]) {
      const database = databaseArg(context, id);
      if (database === undefined || !isOpen(database)) return;
      requireDatabaseState(context, database);
      const vlfs = activeVlfs(database);
      const bytes = Math.floor(logBytes(database) / vlfs.length);
      for (const [i, vlf] of vlfs.entries()) {
        yield {
          database_id: database.id,
          file_id: 2,
          vlf_begin_offset: 8192 + i * bytes,
          vlf_size_mb: bytes / megabyte,
          vlf_sequence_number: vlf,
          vlf_status: 2,
          vlf_first_lsn: lsnText(vlf * 10n ** 15n + 16n * 10n ** 5n + 1n),
          vlf_create_lsn: lsnText(0n),
        };
      }
    },
  }),
  view({
    name: 'sys.dm_db_log_space_usage',
    columns: `
      database_id int null, total_log_size_in_bytes bigint null, used_log_space_in_bytes bigint null,
      used_log_space_in_percent real null, log_space_in_bytes_since_last_backup bigint null`,
    *rows(context) {
      const { database } = context;
      requireDatabaseState(context, database);
      yield {
        database_id: database.id,
        total_log_size_in_bytes: logBytes(database),
        log_space_in_bytes_since_last_backup: isOpen(database) ? database.logStats().sinceLastLogBackupBytes : null,
      };
    },
  }),
];
