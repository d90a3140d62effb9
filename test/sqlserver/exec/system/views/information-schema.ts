import type { ColumnDefinition, Database } from '../../../contracts.ts';
import { bracketed } from '../catalog/expressions.ts';
import { objectsIn, tablesIn } from '../catalog/scope.ts';
import { describeType } from '../catalog/types.ts';
import type { Row } from '../layout.ts';
import { view } from '../view.ts';
import { objectsOfTypes } from './objects.ts';

const constraintTypes: Record<string, string> = { PK: 'PRIMARY KEY', UQ: 'UNIQUE', 'F ': 'FOREIGN KEY', 'C ': 'CHECK' };

const characterTypes = new Set(['char', 'varchar', 'text', 'nchar', 'nvarchar', 'ntext', 'sysname']);
const binaryTypes = new Set(['binary', 'varbinary', 'image']);
const exactTypes = new Set(['tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney']);
const timeScale: Record<string, number | undefined> = { datetime: 3, smalldatetime: 0, date: 0 };

/** Type columns of INFORMATION_SCHEMA.COLUMNS: which of them are NULL depends on the kind of type. */
function typeColumns(database: Database, { type }: ColumnDefinition): Row {
  const described = describeType(type);
  const name = type.name === 'sysname' ? 'nvarchar' : type.name;
  const isWide = name.startsWith('n') && characterTypes.has(name);
  const characters = name === 'text' ? 2_147_483_647 : name === 'ntext' ? 1_073_741_823 : (type.length ?? 1);
  if (characterTypes.has(name)) {
    return {
      DATA_TYPE: name,
      CHARACTER_MAXIMUM_LENGTH: characters,
      CHARACTER_OCTET_LENGTH: characters < 0 ? -1 : characters * (isWide ? 2 : 1),
      CHARACTER_SET_NAME: isWide ? 'UNICODE' : 'iso_1',
      COLLATION_NAME: database.collation,
    };
  }
  if (binaryTypes.has(name)) {
    const bytes = name === 'image' ? 2_147_483_647 : (type.length ?? 1);
    return { DATA_TYPE: name, CHARACTER_MAXIMUM_LENGTH: bytes, CHARACTER_OCTET_LENGTH: bytes };
  }
  if (exactTypes.has(name)) {
    return {
      DATA_TYPE: name,
      NUMERIC_PRECISION: described.precision,
      NUMERIC_PRECISION_RADIX: 10,
      NUMERIC_SCALE: described.scale,
    };
  }
  if (name === 'real' || name === 'float') {
    return { DATA_TYPE: name, NUMERIC_PRECISION: described.precision, NUMERIC_PRECISION_RADIX: 2 };
  }
  if (/date|time/.test(name)) return { DATA_TYPE: name, DATETIME_PRECISION: timeScale[name] ?? described.scale };
  return { DATA_TYPE: name };
}

export const informationSchemaViews = [
  view({
    name: 'INFORMATION_SCHEMA.TABLES',
    columns: `
      TABLE_CATALOG nvarchar(128) null, TABLE_SCHEMA nvarchar(128) null, TABLE_NAME sysname, TABLE_TYPE varchar(10) null`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'U ', 'V ')) {
        yield {
          TABLE_CATALOG: context.database.name,
          TABLE_SCHEMA: object.schema,
          TABLE_NAME: object.name,
          TABLE_TYPE: object.type === 'U ' ? 'BASE TABLE' : 'VIEW',
        };
      }
    },
  }),
  view({
    name: 'INFORMATION_SCHEMA.COLUMNS',
    columns: `
      TABLE_CATALOG nvarchar(128) null, TABLE_SCHEMA nvarchar(128) null, TABLE_NAME sysname, COLUMN_NAME sysname null,
      ORDINAL_POSITION int, COLUMN_DEFAULT nvarchar(4000) null, IS_NULLABLE varchar(3) null,
      DATA_TYPE nvarchar(128) null, CHARACTER_MAXIMUM_LENGTH int null, CHARACTER_OCTET_LENGTH int null,
      NUMERIC_PRECISION tinyint null, NUMERIC_PRECISION_RADIX smallint null, NUMERIC_SCALE int null,
      DATETIME_PRECISION smallint null, CHARACTER_SET_CATALOG sysname null, CHARACTER_SET_SCHEMA sysname null,
      CHARACTER_SET_NAME sysname null, COLLATION_CATALOG sysname null, COLLATION_SCHEMA sysname null,
      COLLATION_NAME sysname null, DOMAIN_CATALOG sysname null, DOMAIN_SCHEMA sysname null, DOMAIN_NAME sysname null`,
    *rows(context) {
      const { database } = context;
      for (const { definition } of tablesIn(context)) {
        for (const [i, column] of definition.columns.entries()) {
          yield {
            TABLE_CATALOG: database.name,
            TABLE_SCHEMA: definition.schema,
            TABLE_NAME: definition.name,
            COLUMN_NAME: column.name,
            ORDINAL_POSITION: i + 1,
            COLUMN_DEFAULT: column.defaultText === undefined ? null : bracketed(column.defaultText),
            IS_NULLABLE: column.nullable ? 'YES' : 'NO',
            ...typeColumns(database, column),
          };
        }
      }
    },
  }),
  view({
    name: 'INFORMATION_SCHEMA.VIEWS',
    columns: `
      TABLE_CATALOG nvarchar(128) null, TABLE_SCHEMA nvarchar(128) null, TABLE_NAME sysname,
      VIEW_DEFINITION nvarchar(4000) null, CHECK_OPTION varchar(7) null = 'NONE', IS_UPDATABLE varchar(2) = 'NO'`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'V ')) {
        yield {
          TABLE_CATALOG: context.database.name,
          TABLE_SCHEMA: object.schema,
          TABLE_NAME: object.name,
          VIEW_DEFINITION: object.definition?.slice(0, 4000) ?? null,
        };
      }
    },
  }),
  view({
    name: 'INFORMATION_SCHEMA.ROUTINES',
    columns: `
      SPECIFIC_CATALOG nvarchar(128) null, SPECIFIC_SCHEMA nvarchar(128) null, SPECIFIC_NAME sysname,
      ROUTINE_CATALOG nvarchar(128) null, ROUTINE_SCHEMA nvarchar(128) null, ROUTINE_NAME sysname,
      ROUTINE_TYPE nvarchar(20) null, ROUTINE_BODY nvarchar(30) null = 'SQL', ROUTINE_DEFINITION nvarchar(4000) null,
      CREATED datetime, LAST_ALTERED datetime`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'P ', 'FN')) {
        yield {
          SPECIFIC_CATALOG: context.database.name,
          SPECIFIC_SCHEMA: object.schema,
          SPECIFIC_NAME: object.name,
          ROUTINE_CATALOG: context.database.name,
          ROUTINE_SCHEMA: object.schema,
          ROUTINE_NAME: object.name,
          ROUTINE_TYPE: object.type === 'P ' ? 'PROCEDURE' : 'FUNCTION',
          ROUTINE_DEFINITION: object.definition?.slice(0, 4000) ?? null,
          CREATED: object.createDate,
          LAST_ALTERED: object.createDate,
        };
      }
    },
  }),
  view({
    name: 'INFORMATION_SCHEMA.TABLE_CONSTRAINTS',
    columns: `
      CONSTRAINT_CATALOG nvarchar(128) null, CONSTRAINT_SCHEMA nvarchar(128) null, CONSTRAINT_NAME sysname,
      TABLE_CATALOG nvarchar(128) null, TABLE_SCHEMA nvarchar(128) null, TABLE_NAME sysname null,
      CONSTRAINT_TYPE varchar(11) null, IS_DEFERRABLE varchar(2) = 'NO', INITIALLY_DEFERRED varchar(2) = 'NO'`,
    *rows(context) {
      const objects = [...objectsIn(context)];
      for (const object of objects) {
        const kind = constraintTypes[object.type];
        if (kind === undefined) continue;
        yield {
          CONSTRAINT_CATALOG: context.database.name,
          CONSTRAINT_SCHEMA: object.schema,
          CONSTRAINT_NAME: object.name,
          TABLE_CATALOG: context.database.name,
          TABLE_SCHEMA: object.schema,
          TABLE_NAME: objects.find((parent) => parent.id === object.parentId)?.name ?? null,
          CONSTRAINT_TYPE: kind,
        };
      }
    },
  }),
  view({
    name: 'INFORMATION_SCHEMA.KEY_COLUMN_USAGE',
    columns: `
      CONSTRAINT_CATALOG nvarchar(128) null, CONSTRAINT_SCHEMA nvarchar(128) null, CONSTRAINT_NAME nvarchar(128) null,
      TABLE_CATALOG nvarchar(128) null, TABLE_SCHEMA nvarchar(128) null, TABLE_NAME nvarchar(128) null,
      COLUMN_NAME nvarchar(128) null, ORDINAL_POSITION int`,
    *rows(context) {
      for (const { definition } of tablesIn(context)) {
        const keys = definition.keys
          .filter((key) => key.kind !== 'index')
          .map((key) => ({ name: key.name, columns: key.columns.map((column) => column.name) }));
        for (const { name, columns } of [...keys, ...definition.foreignKeys]) {
          for (const [i, column] of columns.entries()) {
            yield {
              CONSTRAINT_CATALOG: context.database.name,
              CONSTRAINT_SCHEMA: definition.schema,
              CONSTRAINT_NAME: name,
              TABLE_CATALOG: context.database.name,
              TABLE_SCHEMA: definition.schema,
              TABLE_NAME: definition.name,
              COLUMN_NAME: column,
              ORDINAL_POSITION: i + 1,
            };
          }
        }
      }
    },
  }),
];
