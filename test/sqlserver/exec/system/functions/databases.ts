import type { Database, SqlValue, Variant } from '../../../contracts.ts';
import { pagesOf } from '../catalog/pages.ts';
import { indexesOf } from '../catalog/indexes.ts';
import { databaseVersion, isBrokerEnabled, isOpen, isSystemDatabase } from '../catalog/states.ts';
import type { SystemContext } from '../contract.ts';
import { anyType, int, isLeftOut, scalar, smallint, sysname } from '../function.ts';
import { dateZero, intArg, sameName, textArg, variant, variantInt, variantText } from '../values.ts';
import { databaseArg, databaseNamed } from '../views/selection.ts';

type Property = (database: Database, context: SystemContext) => Variant | null;

const flag =
  (value: (database: Database) => boolean): Property =>
  (database) =>
    variantInt(Number(value(database)));

const off = flag(() => false);
const on = flag(() => true);

/** DATABASEPROPERTYEX (Transact-SQL). What is read from the database itself is NULL while it is not open. */
const properties: Readonly<Record<string, Property>> = {
  Collation: (database) => variantText(isOpen(database) ? database.collation : null),
  ComparisonStyle: (database) => variantInt(isOpen(database) ? 196_609 : null),
  IsAnsiNullDefault: off,
  IsAnsiNullsEnabled: off,
  IsAnsiPaddingEnabled: off,
  IsAnsiWarningsEnabled: off,
  IsArithmeticAbortEnabled: off,
  IsAutoClose: off,
  IsAutoCreateStatistics: on,
  IsAutoCreateStatisticsIncremental: off,
  IsAutoShrink: off,
  IsAutoUpdateStatistics: on,
  IsBrokerEnabled: flag((database) => isOpen(database) && isBrokerEnabled(database)),
  IsClone: off,
  IsCloseCursorsOnCommitEnabled: off,
  IsDatabaseSuspendedForSnapshotBackup: off,
  IsFulltextEnabled: flag((database) => !isSystemDatabase(database)),
  IsInStandBy: flag((database) => database.isInStandby),
  IsLocalCursorsDefault: off,
  IsMemoryOptimizedElevateToSnapshotEnabled: off,
  IsMergePublished: off,
  IsNullConcat: off,
  IsNumericRoundAbortEnabled: off,
  IsParameterizationForced: off,
  IsPublished: off,
  IsQuotedIdentifiersEnabled: off,
  IsRecursiveTriggersEnabled: off,
  IsSubscribed: off,
  IsSyncWithBackup: off,
  IsTornPageDetectionEnabled: off,
  IsVerifiedClone: off,
  IsXTPSupported: on,
  LastGoodCheckDbTime: (database) =>
    database.lastGoodCheckTime === undefined
      ? null
      : variant({ name: 'datetime' }, database.lastGoodCheckTime ?? dateZero),
  LCID: (database) => variantInt(isOpen(database) ? 1033 : null),
  Recovery: (database) => variantText(database.recoveryModel),
  SQLSortOrder: (database) => variant({ name: 'tinyint' }, isOpen(database) ? 52 : null),
  Status: (database) => variantText(database.state),
  Updateability: (database) => variantText(database.isReadOnly || database.isInStandby ? 'READ_ONLY' : 'READ_WRITE'),
  UserAccess: (database) => variantText(database.userAccess),
  Version: (database, { instance }) => variantInt(isOpen(database) ? databaseVersion(instance.version[0]) : null),
};

const byLowerCase = new Map(Object.entries(properties).map(([name, property]) => [name.toLowerCase(), property]));

/** Pages in use: an estimate for data (see pagesOf), nothing for a log, whose records are not kept in pages. */
function spaceUsed(database: Database, isLog: boolean): number | null {
  if (isLog) return null;
  let pages = 0;
  for (const table of database.tables()) for (const index of indexesOf(table)) pages += pagesOf(table, index).used;
  return pages;
}

function fileProperty(context: SystemContext, [name, property]: readonly SqlValue[]): SqlValue {
  const file = context.database.files.find((one) => sameName(one.logicalName, textArg(name) ?? ''));
  if (file === undefined) return null;
  switch (textArg(property)?.toLowerCase()) {
    case 'spaceused':
      return spaceUsed(context.database, file.type === 'LOG');
    case 'isreadonly':
      return 0;
    case 'isprimaryfile':
      return Number(file.fileId === 1);
    case 'islogfile':
      return Number(file.type === 'LOG');
    default:
      return null;
  }
}

const fileId = ({ database }: SystemContext, [name]: readonly SqlValue[]): number | null =>
  database.files.find((file) => sameName(file.logicalName, textArg(name) ?? ''))?.fileId ?? null;

export const databaseFunctions = [
  scalar('DB_ID', { 'database_name?': sysname }, smallint, (context, [name], given) => {
    if (isLeftOut(name, given)) return context.session.databaseId;
    return context.instance.database((textArg(name) ?? '').trimEnd())?.id ?? null;
  }),
  scalar('DB_NAME', { 'database_id?': int }, sysname, (context, [id], given) => {
    if (isLeftOut(id, given)) return context.session.databaseName;
    return context.instance.databaseById(intArg(id) ?? 0)?.name ?? null;
  }),
  scalar('ORIGINAL_DB_NAME', {}, sysname, () => ''),
  scalar('DATABASEPROPERTYEX', { database: sysname, property: sysname }, anyType, (context, [name, property]) => {
    const database = context.instance.database(textArg(name) ?? '');
    if (database === undefined) return null;
    return byLowerCase.get((textArg(property) ?? '').toLowerCase())?.(database, context) ?? null;
  }),
  scalar('HAS_DBACCESS', { database: sysname }, int, (context, [name]) => {
    const database = databaseNamed(context, name);
    return name === null || database === undefined ? null : Number(context.permissions.mayEnter(database));
  }),
  scalar('FILE_ID', { file_name: sysname }, smallint, fileId),
  scalar('FILE_IDEX', { file_name: sysname }, int, fileId),
  scalar('FILE_NAME', { file_id: int }, sysname, (context, [id]) => {
    return context.database.files.find((file) => file.fileId === intArg(id))?.logicalName ?? null;
  }),
  scalar('FILEPROPERTY', { file_name: sysname, property: sysname }, int, fileProperty),
  scalar('FILEGROUP_ID', { name: sysname }, int, (_context, [name]) =>
    sameName(textArg(name) ?? '', 'PRIMARY') ? 1 : null,
  ),
  scalar('FILEGROUP_NAME', { id: int }, sysname, (_context, [id]) => (intArg(id) === 1 ? 'PRIMARY' : null)),
  scalar('COLLATIONPROPERTY', { collation_name: sysname, property: sysname }, anyType, collationProperty),
  {
    ...scalar('fn_hadr_backup_is_preferred_replica', { database: sysname }, { name: 'bit' }, () => true),
    schema: 'sys' as const,
  },
  {
    ...scalar('fn_hadr_is_primary_replica', { database: sysname }, { name: 'bit' }, () => null),
    schema: 'sys' as const,
  },
];

/** Of the collation that a container has unless told otherwise. */
function collationProperty(context: SystemContext, [name, property]: readonly SqlValue[]): SqlValue {
  const known = databaseArg(context, 1)?.collation ?? 'SQL_Latin1_General_CP1_CI_AS';
  if (!sameName(textArg(name) ?? '', known) || !known.startsWith('SQL_Latin1_General_CP1_CI_AS')) return null;
  switch (textArg(property)?.toLowerCase()) {
    case 'codepage':
      return variantInt(1252);
    case 'lcid':
      return variantInt(1033);
    case 'comparisonstyle':
      return variantInt(196_609);
    case 'version':
      return variant({ name: 'tinyint' }, 0);
    default:
      return null;
  }
}
