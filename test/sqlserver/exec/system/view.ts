import type { SqlValue } from '../../contracts.ts';
import type { SystemContext, SystemParameter, SystemView } from './contract.ts';
import { layout, rowValues, type Row } from './layout.ts';

export interface ViewDefinition {
  /** `sys.databases`, `INFORMATION_SCHEMA.TABLES`, or `dbo.name` for what lives in one database only. */
  readonly name: string;
  readonly onlyIn?: string;
  /** See {@link layout}. */
  readonly columns: string;
  readonly parameters?: readonly SystemParameter[];
  readonly rows?: (
    context: SystemContext,
    args: readonly SqlValue[],
    equalities: ReadonlyMap<string, SqlValue>,
  ) => Iterable<Row>;
}

/** A view without `rows` is one that is empty on a server without the feature (availability groups, encryption, …). */
export function view(definition: ViewDefinition): SystemView {
  const [schema, name] = definition.name.split('.') as [SystemView['schema'], string];
  const columns = layout(definition.columns);
  return {
    schema,
    name,
    columns: columns.map(({ fallback: _fallback, ...column }) => column),
    ...(definition.onlyIn === undefined ? {} : { onlyIn: definition.onlyIn }),
    ...(definition.parameters === undefined ? {} : { parameters: definition.parameters }),
    *rows(context, args, equalities) {
      for (const row of definition.rows?.(context, args, equalities) ?? []) yield rowValues(columns, row);
    },
  };
}
