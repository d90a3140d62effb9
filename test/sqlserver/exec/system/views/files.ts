import type { Database, DatabaseFile, DatabaseState } from '../../../contracts.ts';
import { maySeeFiles } from '../access.ts';
import { stateNumber } from '../catalog/states.ts';
import type { Row } from '../layout.ts';
import { view } from '../view.ts';
import { databasesOf } from './selection.ts';

const pageBytes = 8192;
/** 2 TB in pages: the limit of a log file. */
const maxLogPages = 268_435_456;

/** What master_files and database_files have in common, from file_id to backup_lsn. */
const shared = `
  file_id int, file_guid uniqueidentifier null, type tinyint, type_desc nvarchar(60) null, data_space_id int,
  name sysname computed, physical_name nvarchar(260)`;
const rest = `
  max_size int, growth int, is_media_read_only bit = 0, is_read_only bit = 0,
  is_sparse bit = 0, is_percent_growth bit, is_name_reserved bit = 0, is_persistent_log_buffer bit = 0,
  create_lsn numeric(25,0) null computed, drop_lsn numeric(25,0) null computed,
  read_only_lsn numeric(25,0) null computed, read_write_lsn numeric(25,0) null computed,
  differential_base_lsn numeric(25,0) null computed, differential_base_guid uniqueidentifier null,
  differential_base_time datetime null computed, redo_start_lsn numeric(25,0) null computed,
  redo_start_fork_guid uniqueidentifier null, redo_target_lsn numeric(25,0) null computed,
  redo_target_fork_guid uniqueidentifier null, backup_lsn numeric(25,0) null computed`;

/** A file follows its database: only RESTORING, RECOVERY_PENDING, SUSPECT and OFFLINE exist for files. */
function fileState(database: Database): DatabaseState {
  switch (database.state) {
    case 'RESTORING':
    case 'RECOVERY_PENDING':
    case 'SUSPECT':
    case 'OFFLINE':
      return database.state;
    default:
      return 'ONLINE';
  }
}

function fileRow(database: Database, file: DatabaseFile): Row {
  const isData = file.type === 'ROWS';
  const state = fileState(database);
  const { recovery } = database;
  const inPercent = database.name === 'master' || database.name === 'msdb';
  return {
    database_id: database.id,
    file_id: file.fileId,
    file_guid: database.name === 'master' ? null : file.uniqueId,
    type: isData ? 0 : 1,
    type_desc: file.type,
    data_space_id: isData ? 1 : 0,
    name: file.logicalName,
    physical_name: file.physicalName,
    state: state === 'ONLINE' ? 0 : stateNumber(database),
    state_desc: state,
    size: Math.ceil(file.sizeBytes / pageBytes),
    max_size: isData || database.name === 'master' ? -1 : maxLogPages,
    growth: inPercent ? 10 : 8192,
    is_percent_growth: inPercent,
    create_lsn: file.createLsn === 0n ? null : file.createLsn,
    ...(isData && {
      differential_base_lsn: recovery.differentialBaseLsn,
      differential_base_guid: recovery.differentialBaseGuid,
      differential_base_time: recovery.differentialBaseTime,
      redo_start_lsn: recovery.redoStartLsn,
      redo_start_fork_guid: recovery.redoStartForkGuid,
      redo_target_lsn: recovery.redoTargetLsn,
      redo_target_fork_guid: recovery.redoTargetLsn === null ? null : recovery.recoveryForkGuid,
    }),
  };
}

export const fileViews = [
  view({
    name: 'sys.master_files',
    columns: `database_id int, ${shared}, state tinyint null computed, state_desc nvarchar(60) null, size int, ${rest},
      credential_id int null`,
    *rows(context, _args, equalities) {
      const all = maySeeFiles(context);
      for (const database of databasesOf(context, equalities)) {
        if (!all && !context.permissions.onDatabase(database, 'CONTROL')) continue;
        for (const file of database.files) yield fileRow(database, file);
      }
    },
  }),
  view({
    name: 'sys.database_files',
    columns: `${shared} computed, state tinyint null computed, state_desc nvarchar(60) null, size int computed, ${rest}`,
    *rows({ database }) {
      for (const file of database.files) yield fileRow(database, file);
    },
  }),
  view({
    name: 'sys.sysfiles',
    columns: `
      fileid smallint, groupid smallint, size int, maxsize int, growth int, status int, perf int = 0,
      name nchar(128), filename nchar(260)`,
    *rows({ database }) {
      for (const file of database.files) yield compatibilityRow(database, file);
    },
  }),
  view({
    name: 'sys.sysaltfiles',
    onlyIn: 'master',
    columns: `
      fileid smallint, groupid smallint, size int, maxsize int, growth int, status int, perf int = 0,
      dbid smallint, name nchar(128), filename nchar(260)`,
    *rows(context) {
      if (!maySeeFiles(context)) return;
      for (const database of context.instance.databases()) {
        for (const file of database.files) yield { ...compatibilityRow(database, file), dbid: database.id };
      }
    },
  }),
  view({
    name: 'sys.filegroups',
    columns: `
      name sysname, data_space_id int, type char(2), type_desc nvarchar(60) null, is_default bit null = 1,
      is_system bit null = 0, filegroup_guid uniqueidentifier null, log_filegroup_id int null,
      is_read_only bit null = 0, is_autogrow_all_files bit null = 0`,
    *rows() {
      yield primary;
    },
  }),
  view({
    name: 'sys.data_spaces',
    columns: `
      name sysname, data_space_id int, type char(2), type_desc nvarchar(60) null, is_default bit null = 1,
      is_system bit null = 0`,
    *rows() {
      yield primary;
    },
  }),
];

/** The engine keeps one filegroup. */
const primary: Row = { name: 'PRIMARY', data_space_id: 1, type: 'FG', type_desc: 'ROWS_FILEGROUP' };

/** Bits of status: 2 a disk file, 64 a log device, 1048576 growth in percent (sys.sysfiles (Transact-SQL)). */
function compatibilityRow(database: Database, file: DatabaseFile): Row {
  const row = fileRow(database, file);
  return {
    fileid: file.fileId,
    groupid: file.type === 'ROWS' ? 1 : 0,
    size: row['size'],
    maxsize: row['max_size'],
    growth: row['growth'],
    status: 2 | (file.type === 'LOG' ? 64 : 0) | (row['is_percent_growth'] === true ? 1_048_576 : 0),
    name: file.logicalName,
    filename: file.physicalName,
  };
}
