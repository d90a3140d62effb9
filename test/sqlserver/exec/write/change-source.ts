import { SqlError, type StoredRow } from '../../contracts.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import type { ModificationTarget } from '../../tsql/ast/modification.ts';
import type { TableSource, TopClause } from '../../tsql/ast/query.ts';
import { compileExpression } from '../expression/compile.ts';
import { PAUSE, Row } from '../expression/row.ts';
import { Scope } from '../expression/scope.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import type { Access } from '../query/access.ts';
import { planFrom, type FromPlan } from '../query/from.ts';
import { Pace } from '../query/pace.ts';
import { nameText, type Planner } from '../query/planner.ts';
import { topCount } from '../query/top.ts';
import { resolveTarget, type Target, type WritePermission } from './target.ts';

/** The rows an UPDATE or DELETE changes, each with the FROM row that found it. */
export interface ChangeSource {
  readonly target: Target;
  readonly scope: Scope;
  readonly targetIndex: number;
  rows(run: StatementRun): Promise<{ readonly stored: StoredRow; readonly row: Row }[]>;
}

export interface ChangeSourceOptions {
  readonly target: ModificationTarget;
  readonly from: TableSource | undefined;
  readonly where: Expression | undefined;
  readonly top: TopClause | undefined;
  readonly permission: WritePermission;
}

export function planChangeSource(options: ChangeSourceOptions, planner: Planner, run: StatementRun): ChangeSource {
  const { target: written, from, where, top } = options;
  const scope = new Scope(planner);
  const source = from ?? sourceOfTarget(written);
  let targetIndex = 0;
  const usesBefore = planner.uses.length;
  const plan: FromPlan = planFrom(source, where, planner, scope, (leaves) => {
    targetIndex = from === undefined ? 0 : findTarget(written, leaves);
    return targetIndex;
  });
  const access = plan.leaves[targetIndex] as Access;
  const target = resolveLeaf(written, access, run, options.permission);
  // The target is locked exclusively when it is written; a shared lock first would invite deadlocks.
  if (target.database !== undefined) dropUse(planner, usesBefore, target.table(run));
  const limit = top === undefined ? undefined : compileExpression(top.count, new Scope(planner));
  return {
    target,
    scope,
    targetIndex,
    rows: async (at) => {
      const pace = new Pace(at);
      const most =
        limit === undefined
          ? at.session.settings.rowLimit || Infinity
          : topCount(limit, at, null, top?.percent ?? false);
      const found = new Map<StoredRow, Row>();
      const base = new Row(new Array<readonly []>(scope.sources.length).fill([]), null);
      for (const row of plan.run(at, base)) {
        if (row === PAUSE) {
          await pace.breathe();
          continue;
        }
        if (row.target === null || found.has(row.target)) continue;
        if (top?.percent !== true && found.size >= most) break;
        found.set(row.target, row);
      }
      const all = [...found].map(([stored, row]) => ({ stored, row }));
      return top?.percent === true ? all.slice(0, Math.ceil((all.length * most) / 100)) : all;
    },
  };
}

function sourceOfTarget(target: ModificationTarget): TableSource {
  return target.kind === 'variable'
    ? { kind: 'variable', name: target.name, line: target.line }
    : { kind: 'table', name: target.name, hints: target.hints, line: target.line };
}

/** UPDATE a SET … FROM t AS a: the target is named by its alias or by its own name. */
function findTarget(target: ModificationTarget, leaves: readonly Access[]): number {
  const name = target.kind === 'variable' ? target.name : target.name.name;
  const byAlias = leaves.findIndex((leaf) => leaf.alias.toLowerCase() === name.toLowerCase());
  if (byAlias >= 0) return byAlias;
  const byName = leaves.flatMap((leaf, i) => (leaf.definition?.name.toLowerCase() === name.toLowerCase() ? [i] : []));
  const [only] = byName;
  if (byName.length > 1) {
    throw new SqlError({
      number: 8154,
      class: 16,
      state: 1,
      text: `The table '${name}' is ambiguous.`,
      line: target.line,
    });
  }
  if (only === undefined) {
    throw new SqlError({
      number: 208,
      class: 16,
      state: 1,
      text: `Invalid object name '${target.kind === 'variable' ? name : nameText(target.name)}'.`,
      line: target.line,
    });
  }
  return only;
}

function resolveLeaf(
  written: ModificationTarget,
  access: Access,
  run: StatementRun,
  permission: WritePermission,
): Target {
  const { definition } = access;
  if (access.schema === 'sys' && definition === undefined) {
    throw new SqlError({
      number: 259,
      class: 16,
      state: 1,
      text: 'Ad hoc updates to system catalogs are not allowed.',
      line: written.line,
    });
  }
  if (definition === undefined || access.table === undefined) {
    throw new SqlError({
      number: 4405,
      class: 16,
      state: 1,
      text: `View or function '${access.alias}' is not updatable because the modification affects multiple base tables.`,
      line: written.line,
    });
  }
  if (written.kind === 'variable' || access.database === undefined) {
    const { table } = access;
    return {
      definition,
      databaseName: 'tempdb',
      table: (at) => table(at),
      name: { name: written.kind === 'variable' ? written.name : definition.name },
    };
  }
  return resolveTarget(
    {
      kind: 'table',
      name: { database: access.database, schema: definition.schema, name: definition.name },
      hints: [],
      line: written.line,
    },
    run,
    permission,
  );
}

function dropUse(planner: Planner, from: number, table: object): void {
  const at = planner.uses.findIndex((use, i) => i >= from && use.table === table);
  if (at >= 0) planner.uses.splice(at, 1);
}
