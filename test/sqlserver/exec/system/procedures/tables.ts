import type { ColumnDefinition } from '../../../contracts.ts';
import { bracketed } from '../catalog/expressions.ts';
import { objectsIn, tablesIn } from '../catalog/scope.ts';
import { systemObjects } from '../catalog/system-objects.ts';
import { describeType } from '../catalog/types.ts';
import type { ProcedureContext } from '../contract.ts';
import type { Row } from '../layout.ts';
import { likePattern } from '../pattern.ts';
import { procedure, sendRows, type Arguments } from '../procedure.ts';

/** Codes of ODBC: [type, type for ODBC 2 where it differs]. */
const odbcTypes: Readonly<Record<string, readonly [number, number?]>> = {
  bit: [-7],
  tinyint: [-6],
  smallint: [5],
  int: [4],
  bigint: [-5],
  decimal: [3],
  numeric: [2],
  money: [3],
  smallmoney: [3],
  real: [7],
  float: [6],
  char: [1],
  varchar: [12],
  text: [-1],
  nchar: [-8],
  nvarchar: [-9],
  sysname: [-9],
  ntext: [-10],
  binary: [-2],
  varbinary: [-3],
  image: [-4],
  uniqueidentifier: [-11],
  date: [91, -9],
  time: [-154, -9],
  datetime: [93, 11],
  smalldatetime: [93, 11],
  datetime2: [93, -9],
  datetimeoffset: [-155, -9],
  sql_variant: [-150],
};

const isDateTime = (name: string): boolean => name.includes('date') || name === 'time';

/** SQL_MAX, which sp_columns says of a (max) type. */
const unlimited = 2_147_483_647;

function columnRow(column: ColumnDefinition, ordinal: number, odbcVersion: number): Row {
  const type = describeType(column.type);
  const [code = 0, oldCode = code] = odbcTypes[column.type.name] ?? [];
  const isText = type.hasCollation;
  const bytes = type.maxLength < 0 ? unlimited : type.maxLength;
  const isBinary = /binary|image/.test(type.name);
  const isExact = !isText && !isBinary && !isDateTime(type.name) && type.precision > 0;
  return {
    COLUMN_NAME: column.name,
    DATA_TYPE: odbcVersion === 3 ? code : oldCode,
    TYPE_NAME: column.identity === undefined ? type.name : `${type.name} identity`,
    PRECISION:
      isText || isBinary ? (column.type.length === -1 ? unlimited : (column.type.length ?? 1)) : type.precision,
    LENGTH: bytes,
    SCALE: isExact && !/float|real|bit/.test(type.name) ? type.scale : isDateTime(type.name) ? type.scale : null,
    RADIX: isExact ? (type.name === 'float' || type.name === 'real' ? 2 : 10) : null,
    NULLABLE: Number(column.nullable),
    COLUMN_DEF: column.defaultText === undefined ? null : bracketed(column.defaultText),
    SQL_DATA_TYPE: isDateTime(type.name) && code > 0 ? 9 : code,
    SQL_DATETIME_SUB: type.name === 'date' ? 1 : code === 93 ? 3 : null,
    CHAR_OCTET_LENGTH: isText || isBinary ? bytes : null,
    ORDINAL_POSITION: ordinal,
    IS_NULLABLE: column.nullable ? 'YES' : 'NO',
    SS_IS_COMPUTED: Number(column.computedText !== undefined),
    SS_IS_IDENTITY: Number(column.identity !== undefined),
    SS_DATA_TYPE: type.systemTypeId,
  };
}

const commonColumns = `
  TABLE_QUALIFIER sysname null, TABLE_OWNER sysname null, TABLE_NAME sysname, COLUMN_NAME sysname, DATA_TYPE smallint,
  TYPE_NAME sysname, PRECISION int null, LENGTH int null, SCALE smallint null, RADIX smallint null, NULLABLE smallint,
  REMARKS varchar(254) null, COLUMN_DEF nvarchar(4000) null, SQL_DATA_TYPE smallint, SQL_DATETIME_SUB smallint null,
  CHAR_OCTET_LENGTH int null, ORDINAL_POSITION int, IS_NULLABLE varchar(254) null`;
const addedColumns = `
  SS_IS_SPARSE smallint null = 0, SS_IS_COLUMN_SET smallint null = 0, SS_IS_COMPUTED smallint null,
  SS_IS_IDENTITY smallint null, SS_UDT_CATALOG_NAME nvarchar(128) null, SS_UDT_SCHEMA_NAME nvarchar(128) null,
  SS_UDT_ASSEMBLY_TYPE_NAME nvarchar(max) null, SS_XML_SCHEMACOLLECTION_CATALOG_NAME nvarchar(128) null,
  SS_XML_SCHEMACOLLECTION_SCHEMA_NAME nvarchar(128) null, SS_XML_SCHEMACOLLECTION_NAME nvarchar(128) null`;

async function sendColumns(context: ProcedureContext, args: Arguments, columns: string): Promise<void> {
  const table = likePattern(args.text('@table_name'));
  const owner = likePattern(args.text('@table_owner'));
  const name = likePattern(args.text('@column_name'));
  const version = args.number('@ODBCVer') ?? 2;
  const rows: Row[] = [];
  for (const { definition } of tablesIn(context)) {
    if (!table(definition.name) || !owner(definition.schema)) continue;
    for (const [i, column] of definition.columns.entries()) {
      if (!name(column.name)) continue;
      rows.push({
        TABLE_QUALIFIER: context.database.name,
        TABLE_OWNER: definition.schema,
        TABLE_NAME: definition.name,
        ...columnRow(column, i + 1, version),
      });
    }
  }
  await sendRows(context, columns, rows);
}

const columnParameters = `@table_name nvarchar(384) ?, @table_owner nvarchar(384) ?, @table_qualifier sysname ?,
  @column_name nvarchar(384) ?, @ODBCVer int ?`;

export const tableProcedures = [
  procedure({
    name: 'sp_tables',
    parameters: `@table_name nvarchar(384) ?, @table_owner nvarchar(384) ?, @table_qualifier sysname ?,
      @table_type varchar(100) ?, @fUsePattern bit ?`,
    async run(context, args) {
      const name = likePattern(args.text('@table_name'));
      const owner = likePattern(args.text('@table_owner'));
      const types = args.text('@table_type')?.toUpperCase();
      const isWanted = (type: string): boolean => types === undefined || types.includes(`'${type}'`) || types === type;
      const own = [...objectsIn(context)].filter((object) => object.type === 'U ' || object.type === 'V ');
      const system = systemObjects(context.database.name).filter((object) => object.type === 'V ');
      const rows = [
        ...own.map((object) => ({ ...object, kind: object.type === 'U ' ? 'TABLE' : 'VIEW' })),
        ...system.map((object) => ({ ...object, kind: 'VIEW' })),
      ]
        .filter((object) => isWanted(object.kind) && name(object.name) && owner(object.schema))
        .sort((a, b) => compare(a.kind, b.kind) || compare(a.schema, b.schema) || compare(a.name, b.name));
      await sendRows(
        context,
        `TABLE_QUALIFIER sysname null, TABLE_OWNER sysname null, TABLE_NAME sysname null, TABLE_TYPE varchar(32) null,
         REMARKS varchar(254) null`,
        rows.map((object) => ({
          TABLE_QUALIFIER: context.database.name,
          TABLE_OWNER: object.schema,
          TABLE_NAME: object.name,
          TABLE_TYPE: object.kind,
        })),
      );
    },
  }),
  procedure({
    name: 'sp_columns',
    parameters: columnParameters,
    run: (context, args) => sendColumns(context, args, `${commonColumns}, SS_DATA_TYPE tinyint null`),
  }),
  procedure({
    name: 'sp_columns_100',
    parameters: `${columnParameters.replace('@ODBCVer int ?', '@NameScope int ?, @ODBCVer int ?')}, @fUsePattern bit ?`,
    run: (context, args) => sendColumns(context, args, `${commonColumns}, ${addedColumns}, SS_DATA_TYPE tinyint null`),
  }),
  procedure({
    name: 'sp_pkeys',
    parameters: '@table_name sysname, @table_owner sysname ?, @table_qualifier sysname ?',
    async run(context, args) {
      const name = likePattern(args.text('@table_name'));
      const owner = likePattern(args.text('@table_owner'));
      const rows: Row[] = [];
      for (const { definition } of tablesIn(context)) {
        if (!name(definition.name) || !owner(definition.schema)) continue;
        const key = definition.keys.find((one) => one.kind === 'primary');
        for (const [i, column] of key?.columns.entries() ?? []) {
          rows.push({
            TABLE_QUALIFIER: context.database.name,
            TABLE_OWNER: definition.schema,
            TABLE_NAME: definition.name,
            COLUMN_NAME: column.name,
            KEY_SEQ: i + 1,
            PK_NAME: key?.name ?? null,
          });
        }
      }
      await sendRows(
        context,
        `TABLE_QUALIFIER sysname null, TABLE_OWNER sysname null, TABLE_NAME sysname, COLUMN_NAME sysname,
         KEY_SEQ smallint, PK_NAME sysname null`,
        rows,
      );
    },
  }),
];

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
