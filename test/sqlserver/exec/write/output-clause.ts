import { SqlError, type ResultColumn, type SqlValue, type TableDefinition } from '../../contracts.ts';
import type { OutputClause } from '../../tsql/ast/modification.ts';
import type { SelectItem } from '../../tsql/ast/query.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled } from '../expression/compiled.ts';
import { Row } from '../expression/row.ts';
import { Scope, type ScopeColumn, type ScopeSource } from '../expression/scope.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import type { Planner } from '../query/planner.ts';
import { insertPlan, type InsertPlan } from './insert-rows.ts';
import { resolveTarget } from './target.ts';

export interface OutputRow {
  readonly inserted: readonly SqlValue[] | undefined;
  readonly deleted: readonly SqlValue[] | undefined;
  /** The row of FROM that led to the change. */
  readonly source: Row | undefined;
  /** $action of MERGE. */
  readonly action?: string;
}

export interface OutputPlan {
  readonly columns: readonly ResultColumn[];
  readonly into: InsertPlan | undefined;
  row(change: OutputRow, run: StatementRun): readonly SqlValue[];
}

/** OUTPUT clause (Transact-SQL): inserted, deleted and the tables of FROM are in scope. */
export function planOutput(
  clause: OutputClause,
  definition: TableDefinition,
  allowed: { readonly inserted: boolean; readonly deleted: boolean; readonly action?: boolean },
  sources: readonly ScopeSource[],
  planner: Planner,
  run: StatementRun,
): OutputPlan {
  const scope = new Scope(planner);
  const columns: ScopeColumn[] = definition.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    flags: column.identity !== undefined ? 16 : column.nullable ? 9 : 8,
    identity: column.identity !== undefined,
  }));
  // The pseudo tables of the other kind are not visible: a name of theirs cannot be bound (4104).
  scope.add({ alias: allowed.inserted ? 'inserted' : '\0inserted', columns });
  scope.add({ alias: allowed.deleted ? 'deleted' : '\0deleted', columns });
  scope.add({
    alias: '\0action',
    columns:
      allowed.action === true ? [{ name: '$action', type: { name: 'nvarchar', length: 10 }, nullable: true }] : [],
  });
  for (const source of sources) scope.add(source);
  const items = clause.items.flatMap((item) => compileItem(item, scope));
  const nulls = definition.columns.map(() => null);
  const into =
    clause.into === undefined
      ? undefined
      : insertPlan(
          resolveTarget(clause.into.target, run, 'INSERT'),
          clause.into.columns,
          items.map(({ value }) => value),
          run,
        );
  return {
    columns: items.map(({ name, value }) => ({
      name,
      type: value.type,
      nullable: value.nullable,
      flags: value.column?.flags ?? (value.nullable ? 33 : 32),
    })),
    into,
    row: (change, at) => {
      const parts = [
        change.inserted ?? nulls,
        change.deleted ?? nulls,
        [change.action ?? null],
        ...(change.source?.parts ?? []),
      ];
      const row = new Row(parts, null);
      return items.map(({ value }) => value.evaluate(row, at));
    },
  };
}

function compileItem(item: SelectItem, scope: Scope): { name: string; value: Compiled }[] {
  if (item.kind === 'assign')
    throw new SqlError({ number: 102, class: 15, state: 1, text: "Incorrect syntax near '='." });
  if (item.kind === 'star') {
    return scope.expand(item.qualifier, item.line).flatMap((index) => {
      const source = scope.sources[index];
      return (source?.columns ?? []).map((column) => ({
        name: column.name,
        value: compileExpression({ kind: 'column', parts: [source?.alias ?? '', column.name], line: item.line }, scope),
      }));
    });
  }
  const value = compileExpression(item.expression, scope);
  return [{ name: item.alias ?? value.column?.name ?? '', value }];
}
