import path from 'node:path';
import type { SqlError } from '../../../contracts.ts';
import { requireServerState } from '../access.ts';
import type { SystemContext } from '../contract.ts';
import { raise } from '../errors.ts';
import type { Row } from '../layout.ts';
import { normalPath } from '../paths.ts';
import { intArg, momentOf, textArg } from '../values.ts';
import { view } from '../view.ts';
import { databaseArg } from './selection.ts';

const unavailable = (): SqlError => raise(22004, 16, 1, 'Volume information is not available in this server.');

interface Walk {
  readonly pattern: RegExp;
  /** `WHERE level = 0` keeps the walk in its first folder. */
  readonly deepest: number;
}

/** Entries of a folder and, level by level, of those below it that match a Windows pattern. */
function* entriesBelow(context: SystemContext, parent: string, walk: Walk, level: number): Generator<Row> {
  const { files, clock } = context.instance;
  for (const entry of files.list(parent)) {
    const full = path.posix.join(parent, entry.name);
    const modified = momentOf(entry.modified, clock.offsetMinutes(entry.modified));
    if (walk.pattern.test(entry.name)) {
      yield {
        full_filesystem_path: full,
        parent_directory: parent,
        file_or_directory_name: entry.name,
        level,
        is_directory: entry.isDirectory,
        creation_time: modified,
        last_access_time: modified,
        last_write_time: modified,
        size_in_bytes: entry.isDirectory ? 0 : entry.sizeBytes,
      };
    }
    if (entry.isDirectory && level < walk.deepest) yield* entriesBelow(context, full, walk, level + 1);
  }
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source === '.*\\..*' ? '.*' : source}$`, 'is');
}

export const filesystemViews = [
  view({
    name: 'sys.dm_os_file_exists',
    parameters: [{ name: 'path', type: { name: 'nvarchar', length: 4000 } }],
    columns: 'file_exists int, file_is_a_directory int, parent_directory_exists int',
    *rows(context, [argument]) {
      const name = textArg(argument);
      if (name === undefined) return;
      const found = context.instance.files.exists(normalPath(name));
      yield {
        file_exists: Number(found.exists && !found.isDirectory),
        file_is_a_directory: Number(found.isDirectory),
        parent_directory_exists: Number(found.parentExists),
      };
    },
  }),
  view({
    name: 'sys.dm_os_enumerate_filesystem',
    parameters: [
      { name: 'initial_directory', type: { name: 'nvarchar', length: 4000 } },
      { name: 'search_pattern', type: { name: 'nvarchar', length: 4000 } },
    ],
    columns: `
      full_filesystem_path nvarchar(512) null, parent_directory nvarchar(512) null,
      file_or_directory_name nvarchar(512) null, level int null, is_directory bit null, is_read_only bit null = 0,
      is_system bit null = 0, is_hidden bit null = 0, has_integrity_stream bit null = 0, is_temporary bit null = 0,
      is_sparse bit null = 0, creation_time datetime2(7) null, last_access_time datetime2(7) null,
      last_write_time datetime2(7) null, size_in_bytes bigint null`,
    *rows(context, [directory, pattern], equalities) {
      requireServerState(context);
      const root = textArg(directory);
      if (root === undefined) return;
      const deepest = intArg(equalities.get('level')) ?? Infinity;
      yield* entriesBelow(context, normalPath(root), { pattern: wildcard(textArg(pattern) ?? '*'), deepest }, 0);
    },
  }),
  view({
    name: 'sys.dm_os_enumerate_fixed_drives',
    columns: `
      fixed_drive_path nvarchar(512) = 'C:\\', drive_type int = 3, drive_type_desc nvarchar(512) = 'DRIVE_FIXED',
      free_space_in_bytes bigint`,
    *rows(context) {
      requireServerState(context);
      const volume = context.instance.files.volume?.(context.instance.defaultDataPath);
      if (volume !== undefined) yield { free_space_in_bytes: volume.availableBytes };
    },
  }),
  view({
    name: 'sys.dm_os_volume_stats',
    parameters: [
      { name: 'database_id', type: { name: 'int' } },
      { name: 'file_id', type: { name: 'int' } },
    ],
    columns: `
      database_id int, file_id int, volume_mount_point nvarchar(512) null, volume_id nvarchar(512) null,
      logical_volume_name nvarchar(512) null = '', file_system_type nvarchar(512) null, total_bytes bigint,
      available_bytes bigint, supports_compression tinyint null = 0, supports_alternate_streams tinyint null = 0,
      supports_sparse_files tinyint null = 0, is_read_only tinyint null = 0, is_compressed tinyint null = 0,
      incurs_seek_penalty tinyint null`,
    *rows(context, [databaseId, fileId]) {
      requireServerState(context);
      const database = databaseArg(context, databaseId);
      const file = database?.files.find((candidate) => candidate.fileId === fileId);
      if (database === undefined || file === undefined) return;
      const { files } = context.instance;
      if (files.volume === undefined) throw unavailable();
      const volume = files.volume(file.physicalName);
      if (volume === undefined) return;
      yield {
        database_id: database.id,
        file_id: file.fileId,
        volume_mount_point: volume.mountPoint,
        total_bytes: volume.totalBytes,
        available_bytes: volume.availableBytes,
      };
    },
  }),
];
