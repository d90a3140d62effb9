import { SqlError, type TableDefinition } from '../../contracts.ts';
import type { AlterTableStatement } from '../../tsql/ast/definition.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import type { Target } from '../write/target.ts';
import { alter, type MapRow } from './alter-target.ts';

export async function drop(
  target: Target,
  action: Extract<AlterTableStatement['action'], { kind: 'drop' }>,
  run: StatementRun,
): Promise<void> {
  let { definition } = target;
  const dropped = new Set<number>();
  for (const { column, name } of action.items) {
    const wanted = name.toLowerCase();
    if (!column) {
      definition = withoutConstraint(definition, name, action.ifExists);
      continue;
    }
    const index = target.definition.columns.findIndex((other) => other.name.toLowerCase() === wanted);
    if (index < 0) {
      if (action.ifExists) continue;
      throw new SqlError({
        number: 4924,
        class: 16,
        state: 1,
        text: `ALTER TABLE DROP COLUMN failed because column '${name}' does not exist in table '${definition.name}'.`,
      });
    }
    checkUnused(definition, name);
    dropped.add(index);
    definition = { ...definition, columns: definition.columns.filter((other) => other.name.toLowerCase() !== wanted) };
  }
  const map: MapRow | undefined = dropped.size === 0 ? undefined : (values) => values.filter((_, i) => !dropped.has(i));
  await alter(target, definition, map, run);
}

function withoutConstraint(definition: TableDefinition, name: string, ifExists: boolean): TableDefinition {
  const wanted = name.toLowerCase();
  const keep = (item: { readonly name: string }): boolean => item.name.toLowerCase() !== wanted;
  const next: TableDefinition = {
    ...definition,
    keys: definition.keys.filter((key) => key.kind === 'index' || keep(key)),
    checks: definition.checks.filter(keep),
    foreignKeys: definition.foreignKeys.filter(keep),
    columns: definition.columns.map((column) => {
      if (column.defaultName?.toLowerCase() !== wanted) return column;
      const { defaultText: _text, defaultName: _name, ...rest } = column;
      return rest;
    }),
  };
  const changed =
    next.keys.length !== definition.keys.length ||
    next.checks.length !== definition.checks.length ||
    next.foreignKeys.length !== definition.foreignKeys.length ||
    next.columns.some((column, i) => column !== definition.columns[i]);
  if (!changed && !ifExists) {
    throw new SqlError(
      { number: 3728, class: 16, state: 1, text: `'${name}' is not a constraint.` },
      { number: 3727, class: 16, state: 0, text: 'Could not drop constraint. See previous errors.' },
    );
  }
  return next;
}

function checkUnused(definition: TableDefinition, column: string): void {
  const wanted = column.toLowerCase();
  const uses = [
    ...definition.keys.filter((key) => key.columns.some((other) => other.name.toLowerCase() === wanted)),
    ...definition.foreignKeys.filter((key) => key.columns.some((other) => other.toLowerCase() === wanted)),
    ...definition.columns.flatMap((other) =>
      other.name.toLowerCase() === wanted && other.defaultName !== undefined ? [{ name: other.defaultName }] : [],
    ),
  ];
  const [use] = uses;
  if (use === undefined) return;
  throw new SqlError(
    { number: 5074, class: 16, state: 1, text: `The object '${use.name}' is dependent on column '${column}'.` },
    {
      number: 4922,
      class: 16,
      state: 9,
      text: `ALTER TABLE DROP COLUMN ${column} failed because one or more objects access this column.`,
    },
  );
}
