import type { SqlValue } from '../../../contracts.ts';
import { findById, findByName, type FoundObject } from '../catalog/lookup.ts';
import { defaultSchema, schemaByName, schemasOf } from '../catalog/schemas.ts';
import type { SystemContext } from '../contract.ts';
import { anyType, int, isLeftOut, nvarchar, scalar, sysname } from '../function.ts';
import { intArg, textArg, variantInt } from '../values.ts';
import { databaseArg } from '../views/selection.ts';

const objectTypes = (type: string): readonly string[] => (type === 'TF' || type === 'IF' ? ['IF', 'TF'] : [type]);

function objectId(context: SystemContext, [name, type]: readonly SqlValue[]): number | null {
  const found = findByName(context, textArg(name) ?? '');
  if (found === undefined) return null;
  const wanted = textArg(type)?.trim().toUpperCase();
  return wanted === undefined || objectTypes(wanted).includes(found.type.trim()) ? found.id : null;
}

function found(context: SystemContext, [id, database]: readonly SqlValue[]): FoundObject | undefined {
  const number = intArg(id);
  return number === undefined ? undefined : findById(context, number, databaseArg(context, database));
}

const isType =
  (...types: readonly string[]) =>
  (object: FoundObject): number =>
    Number(types.includes(object.type.trim()));

const hasKey = (object: FoundObject, kind: 'primary' | 'unique'): number =>
  Number(object.object?.table?.definition.keys.some((key) => key.kind === kind) ?? false);

/** OBJECTPROPERTY (Transact-SQL); NULL for a property that is not here. */
const properties: Readonly<Record<string, (object: FoundObject) => number>> = {
  isTable: isType('U'),
  isUserTable: isType('U'),
  isSystemTable: () => 0,
  isView: isType('V'),
  isProcedure: isType('P', 'X'),
  isExtendedProc: isType('X'),
  isTrigger: isType('TR'),
  isScalarFunction: isType('FN'),
  isInlineFunction: isType('IF'),
  isTableFunction: isType('IF', 'TF'),
  isConstraint: isType('PK', 'UQ', 'F', 'C', 'D'),
  isPrimaryKey: isType('PK'),
  isUniqueCnst: isType('UQ'),
  isForeignKey: isType('F'),
  isCheckCnst: isType('C'),
  isDefaultCnst: isType('D'),
  isMSShipped: (object) => Number(object.object?.isMsShipped ?? true),
  ownerId: () => 1,
  schemaId: (object) => object.schemaId,
  execIsAnsiNullsOn: () => 1,
  execIsQuotedIdentOn: () => 1,
  tableHasPrimaryKey: (object) => hasKey(object, 'primary'),
  tableHasClustIndex: (object) => hasKey(object, 'primary'),
  tableHasUniqueCnst: (object) => hasKey(object, 'unique'),
  tableHasIdentity: (object) =>
    Number(object.object?.table?.definition.columns.some((column) => column.identity !== undefined) ?? false),
};

const byLowerCase = new Map(Object.entries(properties).map(([name, property]) => [name.toLowerCase(), property]));

function objectProperty(context: SystemContext, [id, property]: readonly SqlValue[]): number | null {
  const object = found(context, [id ?? null]);
  if (object === undefined) return null;
  return byLowerCase.get((textArg(property) ?? '').toLowerCase())?.(object) ?? null;
}

export const objectFunctions = [
  scalar('OBJECT_ID', { object_name: nvarchar(776), 'object_type?': nvarchar(8) }, int, objectId),
  scalar(
    'OBJECT_NAME',
    { object_id: int, 'database_id?': int },
    sysname,
    (context, args) => found(context, args)?.name ?? null,
  ),
  scalar(
    'OBJECT_SCHEMA_NAME',
    { object_id: int, 'database_id?': int },
    sysname,
    (context, args) => found(context, args)?.schema ?? null,
  ),
  scalar(
    'OBJECT_DEFINITION',
    { object_id: int },
    nvarchar(-1),
    (context, args) => found(context, args)?.object?.definition ?? null,
  ),
  scalar('OBJECTPROPERTY', { id: int, property: sysname }, int, objectProperty),
  scalar('OBJECTPROPERTYEX', { id: int, property: sysname }, anyType, (context, args) =>
    variantInt(objectProperty(context, args)),
  ),
  scalar('SCHEMA_ID', { 'schema_name?': sysname }, int, (context, [name], given) => {
    const wanted = isLeftOut(name, given) ? defaultSchema(context, context.database) : textArg(name);
    return wanted === undefined ? null : (schemaByName(context.database, wanted)?.id ?? null);
  }),
  scalar('SCHEMA_NAME', { 'schema_id?': int }, sysname, (context, [id], given) => {
    if (isLeftOut(id, given)) return defaultSchema(context, context.database);
    const number = intArg(id);
    return schemasOf(context.database).find((schema) => schema.id === number)?.name ?? null;
  }),
];
