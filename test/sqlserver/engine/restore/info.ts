import { SqlError } from '../../contracts.ts';
import type { Instance, ResultColumn, RestoreInfoStatement, SqlValue, StatementContext } from '../../contracts.ts';
import type { MediaHeader } from '../backup/set.ts';
import { SOFTWARE } from '../backup/values.ts';
import type { EngineInstance } from '../instance.ts';
import { info, inTransaction, sqlError, terminating } from '../messages.ts';
import { checkReadBackupRight } from '../security.ts';
import { FILELIST_COLUMNS, HEADER_COLUMNS, LABEL_COLUMNS } from './columns.ts';
import { fileRows, headerRow, incompleteRow } from './rows.ts';
import { damagedChunk, MediaSet } from './media-set.ts';

type Answer = Awaited<ReturnType<Instance['restoreInfo']>>;

const WHAT = {
  headeronly: 'RESTORE HEADERONLY',
  filelistonly: 'RESTORE FILELIST',
  labelonly: 'RESTORE LABELONLY',
  verifyonly: 'VERIFY DATABASE',
} as const;

function answer(columns: readonly ResultColumn[], rows: readonly (readonly SqlValue[])[]): Answer {
  return { columns, rows };
}

async function headers(media: MediaSet, position: number | undefined): Promise<Answer> {
  const rows: (readonly SqlValue[])[] = [];
  const file = media.files[0]!;
  let at = 0;
  for await (const { set, start } of file.sets()) {
    at += 1;
    if (position !== undefined && at !== position) continue;
    rows.push(set === undefined ? incompleteRow(start, at) : headerRow(set));
  }
  if (position !== undefined && rows.length === 0) {
    throw sqlError(3287, `The file ID ${position} on device '${file.path}' is incorrectly formed and can not be read.`);
  }
  return answer(HEADER_COLUMNS, rows);
}

function labelRow(header: MediaHeader): readonly SqlValue[] {
  return [
    header.name,
    header.mediaSetGuid,
    header.familyCount,
    header.familyNumber,
    header.familyGuid,
    1,
    1,
    header.description,
    SOFTWARE.name,
    SOFTWARE.vendor,
    { ticks: header.dateTicks - (header.dateTicks % 10_000_000n) },
    1,
    header.compressed,
  ];
}

/** RESTORE VERIFYONLY reads everything and keeps nothing. */
async function verify(
  instance: EngineInstance,
  media: MediaSet,
  statement: RestoreInfoStatement,
  context: StatementContext,
): Promise<Answer> {
  const position = statement.position ?? 1;
  const open = await media.set(position);
  if (statement.checksum === true && !open.set.hasChecksums) {
    throw sqlError(
      3187,
      'RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.',
    );
  }
  for await (const chunk of open.chunks()) {
    if (chunk.damaged) throw damagedChunk(open.set, media.files[0]!.path);
    await instance.faults.spend('restore', chunk.bytes.length, context.signal);
  }
  context.info(info(3262, `The backup set on file ${position} is valid.`));
  return answer([], []);
}

/** RESTORE HEADERONLY, FILELISTONLY, LABELONLY, VERIFYONLY. */
export async function readInfo(
  instance: EngineInstance,
  statement: RestoreInfoStatement,
  context: StatementContext,
): Promise<Answer> {
  try {
    if (context.inTransaction) throw inTransaction();
    checkReadBackupRight(context);
    const allFamilies = statement.kind === 'verifyonly';
    await using media = await MediaSet.open(instance, statement.devices, { allFamilies });
    switch (statement.kind) {
      case 'headeronly':
        return await headers(media, statement.position);
      case 'filelistonly': {
        const { set } = await media.set(statement.position ?? 1);
        return answer(FILELIST_COLUMNS, fileRows(set));
      }
      case 'labelonly':
        return answer(LABEL_COLUMNS, [labelRow(media.headers[0]!)]);
      case 'verifyonly':
        return await verify(instance, media, statement, context);
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(...error.messages, terminating(WHAT[statement.kind]));
  }
}
