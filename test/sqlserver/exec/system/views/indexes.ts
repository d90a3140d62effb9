import type { Table } from '../../../contracts.ts';
import { requireDatabaseState } from '../access.ts';
import { allocationUnitId, partitionId } from '../catalog/identifiers.ts';
import { columnId, indexesOf, type CatalogIndex } from '../catalog/indexes.ts';
import { pagesOf } from '../catalog/pages.ts';
import { tablesIn } from '../catalog/scope.ts';
import type { SystemContext } from '../contract.ts';
import { view } from '../view.ts';

function* indexesIn(context: SystemContext): Generator<readonly [Table, CatalogIndex]> {
  for (const table of tablesIn(context)) for (const index of indexesOf(table)) yield [table, index];
}

export const indexViews = [
  view({
    name: 'sys.indexes',
    columns: `
      object_id int, name sysname null, index_id int, type tinyint, type_desc nvarchar(60) null, is_unique bit null,
      data_space_id int null = 1, ignore_dup_key bit null = 0, is_primary_key bit null, is_unique_constraint bit null,
      fill_factor tinyint = 0, is_padded bit null = 0, is_disabled bit null = 0, is_hypothetical bit null = 0,
      is_ignored_in_optimization bit null = 0, allow_row_locks bit null = 1, allow_page_locks bit null = 1,
      has_filter bit null = 0, filter_definition nvarchar(max) null, compression_delay int null,
      suppress_dup_key_messages bit null = 0, auto_created bit null = 0, optimize_for_sequential_key bit null = 0`,
    *rows(context) {
      for (const [table, index] of indexesIn(context)) {
        yield {
          object_id: table.id,
          name: index.name,
          index_id: index.id,
          type: index.type,
          type_desc: index.typeDesc,
          is_unique: index.isUnique,
          is_primary_key: index.key?.kind === 'primary',
          is_unique_constraint: index.key?.kind === 'unique',
        };
      }
    },
  }),
  view({
    name: 'sys.index_columns',
    columns: `
      object_id int, index_id int, index_column_id int, column_id int, key_ordinal tinyint, partition_ordinal tinyint = 0,
      is_descending_key bit null, is_included_column bit null = 0, column_store_order_ordinal tinyint = 0`,
    *rows(context) {
      for (const [table, index] of indexesIn(context)) {
        for (const [i, column] of index.key?.columns.entries() ?? []) {
          yield {
            object_id: table.id,
            index_id: index.id,
            index_column_id: i + 1,
            column_id: columnId(table, column.name),
            key_ordinal: i + 1,
            is_descending_key: column.descending,
          };
        }
      }
    },
  }),
  view({
    name: 'sys.partitions',
    columns: `
      partition_id bigint, object_id int, index_id int, partition_number int = 1, hobt_id bigint, rows bigint null,
      filestream_filegroup_id smallint = 0, data_compression tinyint = 0, data_compression_desc nvarchar(60) null = 'NONE',
      xml_compression bit null = 0, xml_compression_desc varchar(3) null = 'OFF'`,
    *rows(context) {
      for (const [table, index] of indexesIn(context)) {
        const id = partitionId(table.id, index.id);
        yield { partition_id: id, object_id: table.id, index_id: index.id, hobt_id: id, rows: table.rowCount };
      }
    },
  }),
  view({
    name: 'sys.allocation_units',
    columns: `
      allocation_unit_id bigint, type tinyint = 1, type_desc nvarchar(60) null = 'IN_ROW_DATA', container_id bigint,
      data_space_id int null = 1, total_pages bigint, used_pages bigint, data_pages bigint`,
    *rows(context) {
      for (const [table, index] of indexesIn(context)) {
        const pages = pagesOf(table, index);
        yield {
          allocation_unit_id: allocationUnitId(table.id, index.id),
          container_id: partitionId(table.id, index.id),
          total_pages: pages.reserved,
          used_pages: pages.used,
          data_pages: pages.data,
        };
      }
    },
  }),
  view({
    name: 'sys.dm_db_partition_stats',
    columns: `
      partition_id bigint null, object_id int, index_id int, partition_number int = 1,
      in_row_data_page_count bigint null, in_row_used_page_count bigint null, in_row_reserved_page_count bigint null,
      lob_used_page_count bigint null = 0, lob_reserved_page_count bigint null = 0,
      row_overflow_used_page_count bigint null = 0, row_overflow_reserved_page_count bigint null = 0,
      used_page_count bigint null, reserved_page_count bigint null, row_count bigint null`,
    *rows(context) {
      requireDatabaseState(context, context.database);
      for (const [table, index] of indexesIn(context)) {
        const pages = pagesOf(table, index);
        yield {
          partition_id: partitionId(table.id, index.id),
          object_id: table.id,
          index_id: index.id,
          in_row_data_page_count: pages.data,
          in_row_used_page_count: pages.used,
          in_row_reserved_page_count: pages.reserved,
          used_page_count: pages.used,
          reserved_page_count: pages.reserved,
          row_count: table.rowCount,
        };
      }
    },
  }),
];
