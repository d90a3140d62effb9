import type { Database } from '../../../contracts.ts';
import { maySeeFiles } from '../access.ts';
import { indexesOf } from '../catalog/indexes.ts';
import { findByName } from '../catalog/lookup.ts';
import { pagesOf, type PageCount } from '../catalog/pages.ts';
import { isOpen } from '../catalog/states.ts';
import type { ProcedureContext } from '../contract.ts';
import { raise } from '../errors.ts';
import { procedure, sendRows } from '../procedure.ts';
import { epochMsOf, sameName } from '../values.ts';

const kilobytes = (bytes: number): number => Math.ceil(bytes / 1024);
const sizeOf = (database: Database): number => database.files.reduce((sum, file) => sum + file.sizeBytes, 0);
const megabytesText = (bytes: number): string => `${(bytes / 1_048_576).toFixed(2)} MB`;
const pagesText = (pages: number): string => `${pages * 8} KB`;

/** The options that sp_helpdb prints in one line. */
function statusText(database: Database): string {
  if (!isOpen(database)) return `Status=${database.state}`;
  return [
    `Status=${database.state}`,
    `Updateability=${database.isReadOnly || database.isInStandby ? 'READ_ONLY' : 'READ_WRITE'}`,
    `UserAccess=${database.userAccess}`,
    `Recovery=${database.recoveryModel}`,
    'Version=957',
    `Collation=${database.collation}`,
    'SQLSortOrder=52',
    'IsAutoCreateStatistics',
    'IsAutoUpdateStatistics',
    'IsFullTextEnabled',
  ].join(', ');
}

/** `Apr 20 2026` */
function createdText(database: Database): string {
  const date = new Date(epochMsOf(database.createDate, 0));
  const month = date.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });
  return `${month} ${String(date.getUTCDate()).padStart(2)} ${date.getUTCFullYear()}`;
}

function ownerName(context: ProcedureContext, database: Database): string | null {
  const hex = database.ownerSid.replace(/^0x/i, '');
  for (const login of context.instance.logins()) if (sameName(login.sid.replace(/^0x/i, ''), hex)) return login.name;
  return null;
}

const fileColumns = `name sysname, fileid smallint, filename nchar(260), filegroup nvarchar(128) null,
  size nvarchar(18), maxsize nvarchar(18), growth nvarchar(18), usage varchar(9)`;

const fileRows = (database: Database) =>
  database.files.map((file) => ({
    name: file.logicalName,
    fileid: file.fileId,
    filename: file.physicalName,
    filegroup: file.type === 'ROWS' ? 'PRIMARY' : null,
    size: `${kilobytes(file.sizeBytes)} KB`,
    maxsize: file.type === 'ROWS' ? 'Unlimited' : '2147483648 KB',
    growth: '65536 KB',
    usage: file.type === 'ROWS' ? 'data only' : 'log only',
  }));

const sum = (counts: readonly PageCount[], part: keyof PageCount): number =>
  counts.reduce((total, count) => total + count[part], 0);

export const databaseProcedures = [
  procedure({
    name: 'sp_helpdb',
    parameters: '@dbname sysname ?',
    async run(context, args) {
      const name = args.text('@dbname');
      const databases = [...context.instance.databases()].filter(
        (database) => name === undefined || sameName(database.name, name),
      );
      if (databases.length === 0) {
        throw raise(
          15010,
          16,
          1,
          `The database '${name}' does not exist. Supply a valid database name. To see available databases, use sys.databases.`,
          'sp_helpdb',
        );
      }
      await sendRows(
        context,
        `name sysname, db_size nvarchar(13) null, owner sysname null, dbid smallint, created nvarchar(11),
         status nvarchar(600) null, compatibility_level tinyint null`,
        databases.map((database) => ({
          name: database.name,
          db_size: megabytesText(sizeOf(database)).padStart(13),
          owner: ownerName(context, database),
          dbid: database.id,
          created: createdText(database),
          status: statusText(database),
          compatibility_level: database.compatibilityLevel,
        })),
      );
      const [database] = databases;
      if (name !== undefined && database !== undefined && maySeeFiles(context)) {
        await sendRows(context, fileColumns, fileRows(database));
      }
    },
  }),
  procedure({
    name: 'sp_helpfile',
    async run(context) {
      await sendRows(context, fileColumns, fileRows(context.database));
    },
  }),
  procedure({
    name: 'sp_databases',
    async run(context) {
      const databases = [...context.instance.databases()]
        .filter((database) => isOpen(database) && context.permissions.mayEnter(database))
        .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
      await sendRows(
        context,
        'DATABASE_NAME sysname, DATABASE_SIZE int null, REMARKS varchar(254) null',
        databases.map((database) => ({
          DATABASE_NAME: database.name,
          DATABASE_SIZE: Math.min(kilobytes(sizeOf(database)), 2_147_483_647),
        })),
      );
    },
  }),
  procedure({
    name: 'sp_spaceused',
    parameters: '@objname nvarchar(776) ?, @updateusage varchar(5) ?',
    async run(context, args) {
      const name = args.text('@objname');
      if (name === undefined) await sendDatabaseSpace(context);
      else await sendTableSpace(context, name);
    },
  }),
];

/** Page counts are those of {@link pagesOf}. */
async function sendDatabaseSpace(context: ProcedureContext): Promise<void> {
  const { database } = context;
  const counts = [...database.tables()].flatMap((table) => indexesOf(table).map((index) => pagesOf(table, index)));
  const dataBytes = database.files
    .filter((file) => file.type === 'ROWS')
    .reduce((total, file) => total + file.sizeBytes, 0);
  const reserved = sum(counts, 'reserved');
  await sendRows(context, 'database_name sysname, database_size varchar(18), [unallocated space] varchar(18)', [
    {
      database_name: database.name,
      database_size: megabytesText(sizeOf(database)),
      'unallocated space': megabytesText(Math.max(0, dataBytes - reserved * 8192)),
    },
  ]);
  await sendRows(context, 'reserved varchar(18), data varchar(18), index_size varchar(18), unused varchar(18)', [
    {
      reserved: pagesText(reserved),
      data: pagesText(sum(counts, 'data')),
      index_size: pagesText(sum(counts, 'used') - sum(counts, 'data')),
      unused: pagesText(reserved - sum(counts, 'used')),
    },
  ]);
}

async function sendTableSpace(context: ProcedureContext, name: string): Promise<void> {
  const found = findByName(context, name)?.object?.table;
  if (found === undefined) {
    throw raise(
      15009,
      16,
      1,
      `The object '${name}' does not exist in database '${context.database.name}' or is invalid for this operation.`,
      'sp_spaceused',
    );
  }
  const counts = indexesOf(found).map((index) => pagesOf(found, index));
  const [heap] = counts;
  const data = heap?.data ?? 0;
  await sendRows(
    context,
    `name nvarchar(128), rows char(20), reserved varchar(18), data varchar(18), index_size varchar(18),
     unused varchar(18)`,
    [
      {
        name: found.definition.name,
        rows: String(found.rowCount),
        reserved: pagesText(sum(counts, 'reserved')),
        data: pagesText(data),
        index_size: pagesText(sum(counts, 'used') - data),
        unused: pagesText(sum(counts, 'reserved') - sum(counts, 'used')),
      },
    ],
  );
}
