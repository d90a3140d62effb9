import type { ColumnDefinition, Database, Table } from '../../../contracts.ts';
import { bracketed } from '../catalog/expressions.ts';
import { partId } from '../catalog/identifiers.ts';
import { tablesIn } from '../catalog/scope.ts';
import { systemObjects } from '../catalog/system-objects.ts';
import { catalogTypes, describeType } from '../catalog/types.ts';
import type { Row } from '../layout.ts';
import { view } from '../view.ts';

const columnColumns = `
  object_id int, name sysname null, column_id int, system_type_id tinyint, user_type_id int, max_length smallint,
  precision tinyint, scale tinyint, collation_name sysname null, is_nullable bit null, is_ansi_padded bit,
  is_rowguidcol bit = 0, is_identity bit, is_computed bit`;
const columnRest = `
  is_filestream bit = 0, is_replicated bit null = 0,
  is_non_sql_subscribed bit null = 0, is_merge_published bit null = 0, is_dts_replicated bit null = 0,
  is_xml_document bit = 0, xml_collection_id int = 0, default_object_id int, rule_object_id int = 0`;
const columnTail = `
  is_sparse bit null = 0, is_column_set bit null = 0, generated_always_type tinyint null = 0,
  generated_always_type_desc nvarchar(60) null = 'NOT_APPLICABLE', encryption_type int null,
  encryption_type_desc nvarchar(64) null, encryption_algorithm_name sysname null, column_encryption_key_id int null,
  column_encryption_key_database_name sysname null, is_hidden bit null = 0, is_masked bit = 0, graph_type int null,
  graph_type_desc nvarchar(60) null, is_data_deletion_filter_column bit null = 0,
  ledger_view_column_type int null, ledger_view_column_type_desc nvarchar(60) null,
  is_dropped_ledger_column bit null = 0`;

const ansiPadded = new Set(['char', 'varchar', 'nchar', 'nvarchar', 'sysname', 'binary', 'varbinary', 'sql_variant']);

function columnRow(database: Database, objectId: number, column: ColumnDefinition, ordinal: number): Row {
  const type = describeType(column.type);
  return {
    object_id: objectId,
    name: column.name,
    column_id: ordinal,
    system_type_id: type.systemTypeId,
    user_type_id: type.userTypeId,
    max_length: type.maxLength,
    precision: type.precision,
    scale: type.scale,
    collation_name: type.hasCollation ? database.collation : null,
    is_nullable: column.nullable,
    is_ansi_padded: ansiPadded.has(type.name),
    is_identity: column.identity !== undefined,
    is_computed: column.computedText !== undefined,
    default_object_id: 0,
  };
}

function* tableColumns(database: Database, tables: Iterable<Table>): Generator<Row> {
  for (const table of tables) {
    for (const [i, column] of table.definition.columns.entries()) {
      const row = columnRow(database, table.id, column, i + 1);
      if (column.defaultText === undefined || column.defaultName === undefined) yield row;
      else yield { ...row, default_object_id: partId(table.id, 'D', column.defaultName) };
    }
  }
}

function* systemColumns(database: Database): Generator<Row> {
  for (const { id, view: systemView } of systemObjects(database.name)) {
    for (const [i, { name, type, nullable }] of systemView?.columns.entries() ?? []) {
      yield columnRow(database, id, { name, type, nullable: nullable ?? false }, i + 1);
    }
  }
}

export const columnViews = [
  view({
    name: 'sys.columns',
    columns: `${columnColumns}, ${columnRest}, ${columnTail}`,
    *rows(context) {
      yield* tableColumns(context.database, tablesIn(context));
    },
  }),
  view({
    name: 'sys.all_columns',
    columns: `${columnColumns}, ${columnRest}, ${columnTail}`,
    *rows(context) {
      yield* tableColumns(context.database, tablesIn(context));
      yield* systemColumns(context.database);
    },
  }),
  view({
    name: 'sys.identity_columns',
    columns: `${columnColumns}, ${columnRest}, seed_value sql_variant null, increment_value sql_variant null,
      last_value sql_variant null, is_not_for_replication bit null = 0, ${columnTail}`,
    *rows(context) {
      for (const table of tablesIn(context)) {
        for (const [i, column] of table.definition.columns.entries()) {
          if (column.identity === undefined) continue;
          const value = (number: bigint | null) =>
            number === null ? null : { type: column.type, value: sized(column, number) };
          yield {
            ...columnRow(context.database, table.id, column, i + 1),
            seed_value: value(column.identity.seed),
            increment_value: value(column.identity.increment),
            last_value: value(table.lastIdentity),
          };
        }
      }
    },
  }),
  view({
    name: 'sys.computed_columns',
    columns: `${columnColumns}, ${columnRest}, definition nvarchar(max) null, uses_database_collation bit = 1,
      is_persisted bit = 0, ${columnTail}`,
    *rows(context) {
      for (const table of tablesIn(context)) {
        for (const [i, column] of table.definition.columns.entries()) {
          if (column.computedText === undefined) continue;
          yield { ...columnRow(context.database, table.id, column, i + 1), definition: bracketed(column.computedText) };
        }
      }
    },
  }),
  view({
    name: 'sys.types',
    columns: `
      name sysname, system_type_id tinyint, user_type_id int, schema_id int = 4, principal_id int null,
      max_length smallint, precision tinyint, scale tinyint, collation_name sysname null, is_nullable bit null,
      is_user_defined bit = 0, is_assembly_type bit = 0, default_object_id int = 0, rule_object_id int = 0,
      is_table_type bit = 0`,
    *rows({ database }) {
      for (const type of catalogTypes) {
        yield {
          name: type.name,
          system_type_id: type.systemTypeId,
          user_type_id: type.userTypeId,
          max_length: type.maxLength,
          precision: type.precision,
          scale: type.scale,
          collation_name: type.hasCollation ? database.collation : null,
          is_nullable: type.isNullable,
        };
      }
    },
  }),
];

/** The value in the representation of the column's own type. */
function sized(column: ColumnDefinition, number: bigint): number | bigint | { unscaled: bigint; scale: number } {
  if (column.type.name === 'bigint') return number;
  if (column.type.name === 'numeric' || column.type.name === 'decimal') return { unscaled: number, scale: 0 };
  return Number(number);
}
