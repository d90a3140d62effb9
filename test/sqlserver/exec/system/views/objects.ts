import type { SqlMoment } from '../../../contracts.ts';
import { objectsIn } from '../catalog/scope.ts';
import type { CatalogObject, ObjectType } from '../catalog/objects.ts';
import { systemObjects, type SystemObject } from '../catalog/system-objects.ts';
import type { SystemContext } from '../contract.ts';
import type { Row } from '../layout.ts';
import { view } from '../view.ts';

/** The twelve columns that every view over sys.objects begins with. */
export const objectColumns = `
  name sysname, object_id int, principal_id int null, schema_id int, parent_object_id int, type char(2) computed,
  type_desc nvarchar(60) null, create_date datetime, modify_date datetime, is_ms_shipped bit, is_published bit = 0,
  is_schema_published bit = 0`;

export const objectRow = (object: CatalogObject): Row => ({
  name: object.name,
  object_id: object.id,
  schema_id: object.schemaId,
  parent_object_id: object.parentId,
  type: object.type,
  type_desc: object.typeDesc,
  create_date: object.createDate,
  modify_date: object.createDate,
  is_ms_shipped: object.isMsShipped,
});

/** unknown: the build date of the resource database, so the start of the instance stands in. */
const systemRow = (object: SystemObject, created: SqlMoment): Row => ({
  name: object.name,
  object_id: object.id,
  schema_id: object.schemaId,
  parent_object_id: 0,
  type: object.type,
  type_desc: object.typeDesc,
  create_date: created,
  modify_date: created,
  is_ms_shipped: true,
});

export function* objectsOfTypes(context: SystemContext, ...types: readonly ObjectType[]): Generator<CatalogObject> {
  for (const object of objectsIn(context)) if (types.includes(object.type)) yield object;
}

const systemRows = (context: SystemContext): Iterable<Row> =>
  systemObjects(context.database.name).map((object) => systemRow(object, context.instance.startTime));

export const objectViews = [
  view({
    name: 'sys.objects',
    columns: objectColumns,
    *rows(context) {
      for (const object of objectsIn(context)) yield objectRow(object);
    },
  }),
  view({
    name: 'sys.all_objects',
    columns: objectColumns,
    *rows(context) {
      for (const object of objectsIn(context)) yield objectRow(object);
      yield* systemRows(context);
    },
  }),
  view({
    name: 'sys.system_objects',
    columns: objectColumns,
    rows: systemRows,
  }),
  view({
    name: 'sys.tables',
    columns: `${objectColumns},
      lob_data_space_id int = 0, filestream_data_space_id int null, max_column_id_used int, lock_on_bulk_load bit = 0,
      uses_ansi_nulls bit null = 1, is_replicated bit null = 0, has_replication_filter bit null = 0,
      is_merge_published bit null = 0, is_sync_tran_subscribed bit null = 0, has_unchecked_assembly_data bit = 0,
      text_in_row_limit int null = 0, large_value_types_out_of_row bit null = 0, is_tracked_by_cdc bit null = 0,
      lock_escalation tinyint null = 0, lock_escalation_desc nvarchar(60) null = 'TABLE', is_filetable bit null = 0,
      is_memory_optimized bit null = 0, durability tinyint null = 0,
      durability_desc nvarchar(60) null = 'SCHEMA_AND_DATA', temporal_type tinyint null = 0,
      temporal_type_desc nvarchar(60) null = 'NON_TEMPORAL_TABLE', history_table_id int null,
      is_remote_data_archive_enabled bit null = 0, is_external bit = 0, history_retention_period int null,
      history_retention_period_unit int null, history_retention_period_unit_desc nvarchar(10) null,
      is_node bit null = 0, is_edge bit null = 0, data_retention_period int null = -1,
      data_retention_period_unit int null = -1, data_retention_period_unit_desc nvarchar(10) null = 'INFINITE',
      ledger_type tinyint null = 0, ledger_type_desc nvarchar(60) null = 'NON_LEDGER_TABLE', ledger_view_id int null,
      is_dropped_ledger_table bit null = 0`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'U ')) {
        yield { ...objectRow(object), max_column_id_used: object.table?.definition.columns.length ?? 0 };
      }
    },
  }),
  view({
    name: 'sys.views',
    columns: `${objectColumns},
      is_replicated bit null = 0, has_replication_filter bit null = 0, has_opaque_metadata bit = 0,
      has_unchecked_assembly_data bit = 0, with_check_option bit = 0, is_date_correlation_view bit = 0,
      is_tracked_by_cdc bit null = 0, has_snapshot bit null = 0, ledger_view_type tinyint null = 0,
      ledger_view_type_desc nvarchar(60) null = 'NON_LEDGER_VIEW', is_dropped_ledger_view bit null = 0`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'V ')) yield objectRow(object);
    },
  }),
  view({
    name: 'sys.procedures',
    columns: `${objectColumns},
      is_auto_executed bit = 0, is_execution_replicated bit null = 0, is_repl_serializable_only bit null = 0,
      skips_repl_constraints bit null = 0`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'P ')) yield objectRow(object);
    },
  }),
  view({
    name: 'sys.sql_modules',
    columns: `
      object_id int, definition nvarchar(max) null, uses_ansi_nulls bit null = 1, uses_quoted_identifier bit null = 1,
      is_schema_bound bit null = 0, uses_database_collation bit null = 0, is_recompiled bit null = 0,
      null_on_null_input bit null = 0, execute_as_principal_id int null, uses_native_compilation bit null = 0,
      inline_type bit null = 0, is_inlineable bit null = 0`,
    *rows(context) {
      for (const { id, definition } of objectsOfTypes(context, 'V ', 'P ', 'FN', 'TR')) {
        yield { object_id: id, definition: definition ?? null };
      }
    },
  }),
  view({
    name: 'sys.sysobjects',
    columns: `
      name sysname, id int, xtype char(2), uid smallint null, info smallint null = 0, status int null = 0,
      base_schema_ver int null = 0, replinfo int null = 0, parent_obj int, crdate datetime, ftcatid smallint null = 0,
      schema_ver int null = 0, stats_schema_ver int null = 0, type char(2) null, userstat smallint null = 1,
      sysstat smallint null, indexdel smallint null = 0, refdate datetime, version int null = 0, deltrig int null = 0,
      instrig int null = 0, updtrig int null = 0, seltrig int null = 0, category int null = 0, cache smallint null = 0`,
    *rows(context) {
      for (const object of objectsIn(context)) {
        yield {
          name: object.name,
          id: object.id,
          xtype: object.type,
          uid: object.schemaId,
          parent_obj: object.parentId,
          crdate: object.createDate,
          type: object.type === 'PK' || object.type === 'UQ' ? 'K ' : object.type,
          refdate: object.createDate,
        };
      }
    },
  }),
];
