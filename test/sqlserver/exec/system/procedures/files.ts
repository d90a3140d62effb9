import path from 'node:path';
import type { ProcedureContext } from '../contract.ts';
import { raise } from '../errors.ts';
import type { Row } from '../layout.ts';
import { normalPath } from '../paths.ts';
import { procedure, sendRows, type Arguments } from '../procedure.ts';
import { isMoment, momentOf } from '../values.ts';

/** Extended procedures that public may not execute. */
function requireExecute(context: ProcedureContext, name: string): void {
  if (context.permissions.inServerRole('sysadmin')) return;
  throw raise(
    229,
    14,
    5,
    `The EXECUTE permission was denied on the object '${name}', database 'mssqlsystemresource', schema 'sys'.`,
    name,
  );
}

function pathArgument(args: Arguments, procedureName: string, name: string): string {
  const text = args.text(name);
  if (text === undefined || text === '')
    throw raise(22001, 16, 1, `Error executing extended stored procedure: Invalid Parameter`, procedureName);
  return normalPath(text);
}

/** Folders, and files when asked, as deep as asked; 0 is without end. */
function* tree(
  context: ProcedureContext,
  folder: string,
  depth: number,
  level: number,
  withFiles: boolean,
): Generator<Row> {
  const entries = [...context.instance.files.list(folder)].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (!entry.isDirectory && !withFiles) continue;
    yield { subdirectory: entry.name, depth: level, file: Number(!entry.isDirectory) };
    if (entry.isDirectory && (depth === 0 || level < depth)) {
      yield* tree(context, path.posix.join(folder, entry.name), depth, level + 1, withFiles);
    }
  }
}

/** `2026-04-19T19:55:31` and what Date reads besides, on the server's local clock. */
function cutOff(args: Arguments): bigint | undefined {
  const value = args.value('@cutoff');
  if (isMoment(value)) return value.ticks;
  if (typeof value !== 'string') return undefined;
  const iso = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value) ? `${value.replace(' ', 'T')}Z` : `${value} UTC`;
  const epochMs = Date.parse(iso);
  if (Number.isNaN(epochMs))
    throw raise(22049, 16, 1, "xp_delete_file() returned error 87, 'The parameter is incorrect.'", 'xp_delete_file');
  return momentOf(epochMs, 0).ticks;
}

/** Removes backup files of a folder that end in the extension and were last written before the cut-off. */
function deleteFiles(
  context: ProcedureContext,
  folder: string,
  extension: string | undefined,
  before: bigint | undefined,
  levels: number,
): void {
  const { files, clock } = context.instance;
  for (const entry of files.list(folder)) {
    const full = path.posix.join(folder, entry.name);
    if (entry.isDirectory) {
      if (levels > 0) deleteFiles(context, full, extension, before, levels - 1);
      continue;
    }
    const wanted = extension === undefined || entry.name.toLowerCase().endsWith(`.${extension.toLowerCase()}`);
    const written = momentOf(entry.modified, clock.offsetMinutes(entry.modified)).ticks;
    if (wanted && (before === undefined || written < before)) files.deleteBackup(full);
  }
}

export const fileProcedures = [
  procedure({
    name: 'xp_create_subdir',
    parameters: '@path nvarchar(4000)',
    async run(context, args) {
      requireExecute(context, 'xp_create_subdir');
      context.instance.files.makeDirectory(pathArgument(args, 'xp_create_subdir', '@path'));
    },
  }),
  procedure({
    name: 'xp_delete_file',
    parameters: `@type int ?, @path nvarchar(4000) ?, @extension nvarchar(260) ?, @cutoff nvarchar(50) ?,
      @subfolders int ?`,
    async run(context, args) {
      requireExecute(context, 'xp_delete_file');
      if ((args.number('@type') ?? 0) !== 0) {
        throw raise(22049, 16, 1, 'xp_delete_file() deletes backup files only in this server.', 'xp_delete_file');
      }
      const place = pathArgument(args, 'xp_delete_file', '@path');
      const found = context.instance.files.exists(place);
      if (found.exists && !found.isDirectory) {
        context.instance.files.deleteBackup(place);
        return 0;
      }
      if (!found.isDirectory) {
        throw raise(
          22049,
          16,
          1,
          "xp_delete_file() returned error 2, 'The system cannot find the file specified.'",
          'xp_delete_file',
        );
      }
      deleteFiles(context, place, args.text('@extension'), cutOff(args), args.number('@subfolders') ?? 0);
      return 0;
    },
  }),
  procedure({
    name: 'xp_fileexist',
    parameters: '@filename nvarchar(4000), @exists int output',
    async run(context, args) {
      const found = context.instance.files.exists(pathArgument(args, 'xp_fileexist', '@filename'));
      const isFile = Number(found.exists && !found.isDirectory);
      if (args.has('@exists')) {
        context.setOutput('@exists', isFile);
        return 0;
      }
      await sendRows(
        context,
        '[File Exists] tinyint, [File is a Directory] tinyint, [Parent Directory Exists] tinyint',
        [
          {
            'File Exists': isFile,
            'File is a Directory': Number(found.isDirectory),
            'Parent Directory Exists': Number(found.parentExists),
          },
        ],
      );
      return 0;
    },
  }),
  procedure({
    name: 'xp_dirtree',
    parameters: '@path nvarchar(4000), @depth int ?, @file int ?',
    async run(context, args) {
      const withFiles = (args.number('@file') ?? 0) !== 0;
      await sendRows(
        context,
        `subdirectory nvarchar(512), depth int${withFiles ? ', file int' : ''}`,
        tree(context, pathArgument(args, 'xp_dirtree', '@path'), args.number('@depth') ?? 0, 1, withFiles),
      );
    },
  }),
  procedure({
    name: 'xp_subdirs',
    parameters: '@path nvarchar(4000)',
    async run(context, args) {
      requireExecute(context, 'xp_subdirs');
      await sendRows(
        context,
        'subdirectory nvarchar(255)',
        tree(context, pathArgument(args, 'xp_subdirs', '@path'), 1, 1, false),
      );
    },
  }),
  procedure({
    name: 'xp_fixeddrives',
    async run(context) {
      const volume = context.instance.files.volume?.(context.instance.defaultDataPath);
      await sendRows(
        context,
        'drive nvarchar(1), [MB free] int null',
        volume === undefined ? [] : [{ drive: 'C', 'MB free': Math.floor(volume.availableBytes / 1_048_576) }],
      );
    },
  }),
];
