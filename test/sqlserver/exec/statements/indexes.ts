import { SqlError, type KeyDefinition } from '../../contracts.ts';
import type { CreateIndexStatement, DropIndexStatement } from '../../tsql/ast/definition.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { alter, alterTarget } from './alter-target.ts';
import { checkKeyColumns } from './table-definition.ts';

export async function executeCreateIndex(statement: CreateIndexStatement, run: StatementRun): Promise<Outcome> {
  const target = alterTarget(statement.table, statement.line, run, 1088);
  const { definition } = target;
  if (definition.keys.some((key) => key.name.toLowerCase() === statement.name.toLowerCase())) {
    throw new SqlError({
      number: 1913,
      class: 16,
      state: 1,
      text: `The operation failed because an index or statistics with name '${statement.name}' already exists on table '${definition.schema}.${definition.name}'.`,
    });
  }
  const key: KeyDefinition = {
    name: statement.name,
    kind: statement.unique ? 'unique' : 'index',
    columns: statement.columns,
    ...(statement.unique ? { uniqueIndex: true } : {}),
  };
  checkKeyColumns([key], definition.columns, definition.name);
  await alter(target, { ...definition, keys: [...definition.keys, key] }, undefined, run);
  return { done: { curCmd: 200 } };
}

export async function executeDropIndex(statement: DropIndexStatement, run: StatementRun): Promise<Outcome> {
  for (const { name, table } of statement.indexes) {
    const target = alterTarget(table, statement.line, run, 1088);
    const { definition } = target;
    const key = definition.keys.find((other) => other.name.toLowerCase() === name.toLowerCase());
    if (key === undefined) {
      if (statement.ifExists) continue;
      throw new SqlError({
        number: 3701,
        class: 11,
        state: 7,
        text: `Cannot drop the index '${definition.name}.${name}', because it does not exist or you do not have permission.`,
      });
    }
    if (key.kind === 'primary') {
      throw new SqlError({
        number: 3723,
        class: 16,
        state: 4,
        text: `An explicit DROP INDEX is not allowed on index '${definition.name}.${name}'. It is being used for PRIMARY KEY constraint enforcement.`,
      });
    }
    await alter(target, { ...definition, keys: definition.keys.filter((other) => other !== key) }, undefined, run);
  }
  return { done: { curCmd: 201 } };
}
