import type { SqlValue } from '../../../contracts.ts';
import { columnId, indexesOf } from '../catalog/indexes.ts';
import { findByName, tableById } from '../catalog/lookup.ts';
import { systemObjects } from '../catalog/system-objects.ts';
import { catalogTypes, describeType } from '../catalog/types.ts';
import type { SystemContext } from '../contract.ts';
import { int, nvarchar, scalar, smallint, sysname } from '../function.ts';
import { nameParts } from '../names.ts';
import { intArg, sameName, textArg } from '../values.ts';

const typeNamed = (text: string) => {
  const name = nameParts(text)?.at(-1) ?? '';
  const alias = name.toLowerCase() === 'rowversion' ? 'timestamp' : name;
  return catalogTypes.find((type) => sameName(type.name, alias));
};

interface Column {
  readonly name: string;
  readonly type: Parameters<typeof describeType>[0];
  readonly nullable?: boolean;
  readonly identity?: unknown;
  readonly computedText?: string;
}

/** Columns of a table of the user or of a system view. */
function columnsOf(context: SystemContext, id: number | undefined): readonly Column[] {
  if (id === undefined) return [];
  const own = tableById(context, id)?.definition.columns;
  if (own !== undefined) return own;
  const columns = systemObjects(context.database.name).find((object) => object.id === id)?.view?.columns ?? [];
  return columns.map(({ name, type, nullable }) => ({ name, type, nullable: nullable ?? false }));
}

function columnProperty(context: SystemContext, [id, name, property]: readonly SqlValue[]): number | null {
  const columns = columnsOf(context, intArg(id));
  const ordinal = columns.findIndex((column) => sameName(column.name, textArg(name) ?? ''));
  const column = columns[ordinal];
  if (column === undefined) return null;
  const type = describeType(column.type);
  switch (textArg(property)?.toLowerCase()) {
    case 'allowsnull':
      return Number(column.nullable ?? false);
    case 'columnid':
    case 'ordinal':
      return ordinal + 1;
    case 'isidentity':
      return Number(column.identity !== undefined);
    case 'iscomputed':
      return Number(column.computedText !== undefined);
    case 'charmaxlen':
      return type.hasCollation ? (column.type.length ?? 1) : null;
    case 'precision':
      return column.type.length ?? type.precision;
    case 'scale':
      return type.scale;
    case 'ishidden':
    case 'issparse':
    case 'iscolumnset':
    case 'isrowguidcol':
    case 'isidnotforrepl':
    case 'generatedalwaystype':
      return 0;
    case 'usesansitrim':
      return type.hasCollation ? 1 : null;
    default:
      return null;
  }
}

function columnLength(context: SystemContext, [table, column]: readonly SqlValue[]): number | null {
  const id = findByName(context, textArg(table) ?? '')?.id;
  const found = columnsOf(context, id).find((one) => sameName(one.name, textArg(column) ?? ''));
  return found === undefined ? null : describeType(found.type).maxLength;
}

function indexProperty(context: SystemContext, [id, name, property]: readonly SqlValue[]): number | null {
  const table = tableById(context, intArg(id) ?? 0);
  const index = table && indexesOf(table).find((one) => sameName(one.name ?? '', textArg(name) ?? ''));
  if (index === undefined) return null;
  switch (textArg(property)?.toLowerCase()) {
    case 'indexid':
      return index.id;
    case 'isclustered':
      return Number(index.type === 1);
    case 'isunique':
      return Number(index.isUnique);
    case 'isdisabled':
    case 'ishypothetical':
    case 'isstatistics':
    case 'ispadindex':
    case 'indexfillfactor':
      return 0;
    default:
      return null;
  }
}

export const columnFunctions = [
  scalar(
    'TYPE_ID',
    { type_name: nvarchar(517) },
    int,
    (_context, [name]) => typeNamed(textArg(name) ?? '')?.userTypeId ?? null,
  ),
  scalar('TYPE_NAME', { type_id: int }, sysname, (_context, [id]) => {
    return catalogTypes.find((type) => type.userTypeId === intArg(id))?.name ?? null;
  }),
  scalar('TYPEPROPERTY', { type: sysname, property: sysname }, int, (_context, [name, property]) => {
    const type = typeNamed(textArg(name) ?? '');
    if (type === undefined) return null;
    switch (textArg(property)?.toLowerCase()) {
      case 'precision':
        return type.precision === 0 ? type.maxLength : type.precision;
      case 'scale':
        return type.scale;
      case 'allowsnull':
        return Number(type.isNullable);
      default:
        return null;
    }
  }),
  scalar('COL_NAME', { table_id: int, column_id: int }, sysname, (context, [table, column]) => {
    return columnsOf(context, intArg(table))[(intArg(column) ?? 0) - 1]?.name ?? null;
  }),
  scalar('COL_LENGTH', { table: nvarchar(776), column: sysname }, smallint, columnLength),
  scalar('COLUMNPROPERTY', { id: int, column: sysname, property: sysname }, int, columnProperty),
  scalar('INDEXPROPERTY', { object_id: int, index_name: sysname, property: sysname }, int, indexProperty),
  scalar('INDEX_COL', { table: nvarchar(776), index_id: int, key_id: int }, sysname, (context, [name, index, key]) => {
    const id = findByName(context, textArg(name) ?? '')?.id;
    const table = id === undefined ? undefined : tableById(context, id);
    if (table === undefined) return null;
    const column = indexesOf(table).find((one) => one.id === intArg(index))?.key?.columns[(intArg(key) ?? 0) - 1];
    return column === undefined || columnId(table, column.name) === 0 ? null : column.name;
  }),
];
