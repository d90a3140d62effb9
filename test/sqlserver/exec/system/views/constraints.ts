import { columnId } from '../catalog/indexes.ts';
import type { CatalogObject } from '../catalog/objects.ts';
import { tablesIn } from '../catalog/scope.ts';
import type { SystemContext } from '../contract.ts';
import { view } from '../view.ts';
import { objectColumns, objectRow, objectsOfTypes } from './objects.ts';

function referencedTable(context: SystemContext, { foreignKey }: CatalogObject) {
  if (foreignKey === undefined) return undefined;
  return context.database.table(foreignKey.references.schema, foreignKey.references.table);
}

export const constraintViews = [
  view({
    name: 'sys.key_constraints',
    columns: `${objectColumns}, unique_index_id int null, is_system_named bit, is_enforced bit null = 1`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'PK', 'UQ')) {
        yield {
          ...objectRow(object),
          unique_index_id: object.indexId ?? null,
          is_system_named: /^(PK|UQ)__/.test(object.name),
        };
      }
    },
  }),
  view({
    name: 'sys.default_constraints',
    columns: `${objectColumns}, parent_column_id int, definition nvarchar(max) null computed, is_system_named bit`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'D ')) {
        yield {
          ...objectRow(object),
          parent_column_id: object.columnId ?? 0,
          definition: object.definition ?? null,
          is_system_named: object.name.startsWith('DF__'),
        };
      }
    },
  }),
  view({
    name: 'sys.check_constraints',
    columns: `${objectColumns}, is_disabled bit = 0, is_not_for_replication bit = 0, is_not_trusted bit = 0,
      parent_column_id int = 0, definition nvarchar(max) null computed, uses_database_collation bit null = 1,
      is_system_named bit`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'C ')) {
        yield {
          ...objectRow(object),
          definition: object.definition ?? null,
          is_system_named: object.name.startsWith('CK__'),
        };
      }
    },
  }),
  view({
    name: 'sys.foreign_keys',
    columns: `${objectColumns}, referenced_object_id int null, key_index_id int null, is_disabled bit = 0,
      is_not_for_replication bit = 0, is_not_trusted bit = 0, delete_referential_action tinyint null computed = 0,
      delete_referential_action_desc nvarchar(60) null = 'NO_ACTION',
      update_referential_action tinyint null computed = 0,
      update_referential_action_desc nvarchar(60) null = 'NO_ACTION', is_system_named bit`,
    *rows(context) {
      for (const object of objectsOfTypes(context, 'F ')) {
        yield {
          ...objectRow(object),
          referenced_object_id: referencedTable(context, object)?.id ?? null,
          key_index_id: 1,
          is_system_named: object.name.startsWith('FK__'),
        };
      }
    },
  }),
  view({
    name: 'sys.foreign_key_columns',
    columns: `
      constraint_object_id int, constraint_column_id int, parent_object_id int, parent_column_id int,
      referenced_object_id int, referenced_column_id int`,
    *rows(context) {
      const tables = [...tablesIn(context)];
      for (const object of objectsOfTypes(context, 'F ')) {
        const parent = tables.find((table) => table.id === object.parentId);
        const referenced = referencedTable(context, object);
        if (parent === undefined || referenced === undefined || object.foreignKey === undefined) continue;
        const { columns, references } = object.foreignKey;
        for (const [i, column] of columns.entries()) {
          const target = references.columns[i] ?? primaryColumn(referenced.definition.keys, i) ?? column;
          yield {
            constraint_object_id: object.id,
            constraint_column_id: i + 1,
            parent_object_id: object.parentId,
            parent_column_id: columnId(parent, column),
            referenced_object_id: referenced.id,
            referenced_column_id: columnId(referenced, target),
          };
        }
      }
    },
  }),
];

/** `REFERENCES t` without columns means the primary key of t. */
function primaryColumn(
  keys: readonly { readonly kind: string; readonly columns: readonly { readonly name: string }[] }[],
  ordinal: number,
): string | undefined {
  return keys.find((key) => key.kind === 'primary')?.columns[ordinal]?.name;
}
