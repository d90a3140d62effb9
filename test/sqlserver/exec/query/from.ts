import { type SqlValue, type StoredRow } from '../../contracts.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import type { TableSource } from '../../tsql/ast/query.ts';
import { compileCondition } from '../expression/condition.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled, Run, Test } from '../expression/compiled.ts';
import { PAUSE, Row, type Flow } from '../expression/row.ts';
import type { Scope } from '../expression/scope.ts';
import { type Access } from './access.ts';
import { antiSafe, fullJoin, hashJoin, loopJoin, lookupJoin, type HashKey } from './join.ts';
import type { Planner } from './planner.ts';
import { conjunctsOf, referencesOf } from './references.ts';
import { planSeek, type Equality, type Seek } from './seek.ts';
import { build, checkNames, isLateral, sourcesOf, type Join, type Leaf, type Node } from './from-tree.ts';

/** Gives the rows of a part of FROM, each an extension of `base`. */
export type Operator = (run: Run, base: Row) => Flow<Row>;

export interface FromPlan {
  readonly run: Operator;
  readonly leaves: readonly Access[];
}

/**
 * Plans FROM and WHERE together: terms of WHERE go down to the sources they speak about, equalities become key seeks and
 * hash joins. `target` is the source whose stored rows an UPDATE or DELETE needs.
 */
export function planFrom(
  from: TableSource | undefined,
  where: Expression | undefined,
  planner: Planner,
  scope: Scope,
  targetOf?: (leaves: readonly Access[]) => number,
): FromPlan {
  const leaves: Access[] = [];
  const tree = from === undefined ? undefined : build(from, planner, scope, leaves, false);
  checkNames(leaves);
  const target = targetOf?.(leaves);
  scope.clause = 'where';
  const conjuncts = conjunctsOf(where);
  const run =
    tree === undefined
      ? filtered(single, conjuncts, scope)
      : new FromCompiler(scope, target).compile(tree, conjuncts, new Set());
  scope.clause = 'select';
  return { run, leaves };
}

function* single(_run: Run, base: Row): Flow<Row> {
  yield base;
}

function within(references: ReadonlySet<number> | undefined, sources: ReadonlySet<number>): boolean {
  return references !== undefined && [...references].every((source) => sources.has(source));
}

function filtered(operator: Operator, conjuncts: readonly Expression[], scope: Scope): Operator {
  if (conjuncts.length === 0) return operator;
  const tests = conjuncts.map((conjunct) => compileCondition(conjunct, scope));
  return function* (run, base) {
    for (const row of operator(run, base)) {
      if (row === PAUSE || passes(tests, row, run)) yield row;
    }
  };
}

function passes(tests: readonly Test[], row: Row, run: Run): boolean {
  for (const test of tests) if (test(row, run) !== true) return false;
  return true;
}

class FromCompiler {
  readonly #scope: Scope;
  readonly #target: number | undefined;

  constructor(scope: Scope, target: number | undefined) {
    this.#scope = scope;
    this.#target = target;
  }

  /** `conjuncts` filter the node's rows; `known` are sources whose values `base` already has. */
  compile(node: Node, conjuncts: readonly Expression[], known: ReadonlySet<number>): Operator {
    return node.kind === 'leaf' ? this.#leaf(node, conjuncts, known) : this.#join(node, conjuncts, known);
  }

  #leaf(leaf: Leaf, conjuncts: readonly Expression[], known: ReadonlySet<number>): Operator {
    const equalities = this.#equalities(leaf, conjuncts, known);
    const tests = conjuncts.map((conjunct) => compileCondition(conjunct, this.#scope));
    const { index, access } = leaf;
    if (access.table !== undefined && access.definition !== undefined) {
      const seek = planSeek(access.definition, equalities);
      return tableOperator(index, access.table, seek, tests, this.#target === index);
    }
    return function* (run, base) {
      const hints = new Map<string, SqlValue>();
      for (const { column, value } of equalities) hints.set(column.toLowerCase(), value.evaluate(base, run));
      let count = 0;
      for (const values of access.rows(run, base, hints)) {
        if (values === PAUSE || ++count % 2048 === 0) yield PAUSE;
        if (values === PAUSE) continue;
        const row = extend(base, index, values, null);
        if (passes(tests, row, run)) yield row;
      }
    };
  }

  /** Terms `column of this leaf = something known before it is read`. */
  #equalities(leaf: Leaf, conjuncts: readonly Expression[], known: ReadonlySet<number>): Equality[] {
    const found: Equality[] = [];
    for (const conjunct of conjuncts) {
      if (conjunct.kind !== 'compare' || conjunct.operator !== '=') continue;
      for (const [side, other] of [
        [conjunct.left, conjunct.right],
        [conjunct.right, conjunct.left],
      ] as const) {
        if (side.kind !== 'column') continue;
        const { depth, source, column } = this.#scope.resolve(side.parts, side.line);
        if (depth !== 0 || source !== leaf.index) continue;
        if (!within(referencesOf(other, this.#scope), known)) continue;
        found.push({ column: column.name, value: compileExpression(other, this.#scope) });
        break;
      }
    }
    return found;
  }

  #join(node: Join, conjuncts: readonly Expression[], known: ReadonlySet<number>): Operator {
    if (node.join === 'right') {
      return this.#join({ ...node, join: 'left', left: node.right, right: node.left }, conjuncts, known);
    }
    const leftSources = sourcesOf(node.left);
    const rightSources = sourcesOf(node.right);
    const on = this.#on(node);
    if (node.join === 'full') return this.#full(node, on, conjuncts, known, rightSources);
    const outer = node.join === 'left' || node.join === 'outer apply';
    const toLeft: Expression[] = [];
    const toRight: Expression[] = [];
    const both: Expression[] = [];
    const above: Expression[] = [];
    const place = (conjunct: Expression, fromOn: boolean): void => {
      const references = referencesOf(conjunct, this.#scope);
      const local =
        references === undefined ? undefined : new Set([...references].filter((source) => !known.has(source)));
      if (within(local, leftSources) && !(fromOn && outer)) toLeft.push(conjunct);
      else if (within(local, rightSources) && (fromOn || !outer)) toRight.push(conjunct);
      else if (outer && !fromOn) above.push(conjunct);
      else both.push(conjunct);
    };
    for (const conjunct of on) place(conjunct, true);
    for (const conjunct of conjuncts) place(conjunct, false);
    const left = this.compile(node.left, toLeft, known);
    const joined = this.#combine(node, left, toRight, both, { known, leftSources, rightSources, outer });
    return filtered(joined, above, this.#scope);
  }

  #on(node: Join): Expression[] {
    this.#scope.clause = 'on';
    return conjunctsOf(node.on);
  }

  #combine(
    node: Join,
    left: Operator,
    toRight: readonly Expression[],
    both: readonly Expression[],
    sides: {
      readonly known: ReadonlySet<number>;
      readonly leftSources: ReadonlySet<number>;
      readonly rightSources: ReadonlySet<number>;
      readonly outer: boolean;
    },
  ): Operator {
    const { known, leftSources, rightSources, outer } = sides;
    const empty = outer ? this.#nulls(node.right) : undefined;
    const knownToRight = new Set([...known, ...leftSources]);
    if (isLateral(node.right)) {
      const right = this.compile(node.right, [...toRight, ...both], knownToRight);
      return lookupJoin(left, right, empty);
    }
    if (node.right.kind === 'leaf' && node.right.access.definition !== undefined) {
      const equalities = this.#equalities(node.right, [...toRight, ...both], knownToRight);
      if (planSeek(node.right.access.definition, equalities) !== undefined) {
        const right = this.compile(node.right, [...toRight, ...both], knownToRight);
        return lookupJoin(left, right, empty);
      }
    }
    const right = this.compile(node.right, toRight, known);
    const { keys, rest } = this.#hashKeys(both, leftSources, rightSources, known);
    const tests = rest.map((conjunct) => compileCondition(conjunct, this.#scope));
    const options = { left, right, tests, empty, rightSources: [...rightSources] };
    return keys.length > 0 ? hashJoin({ ...options, keys }) : loopJoin(options);
  }

  #full(
    node: Join,
    on: readonly Expression[],
    conjuncts: readonly Expression[],
    known: ReadonlySet<number>,
    rightSources: ReadonlySet<number>,
  ): Operator {
    const tests = on.map((conjunct) => compileCondition(conjunct, this.#scope));
    const joined = fullJoin({
      left: this.compile(node.left, [], known),
      right: this.compile(node.right, [], known),
      tests,
      rightSources: [...rightSources],
      emptyLeft: this.#nulls(node.left),
      emptyRight: this.#nulls(node.right),
    });
    return filtered(joined, conjuncts, this.#scope);
  }

  #hashKeys(
    conjuncts: readonly Expression[],
    left: ReadonlySet<number>,
    right: ReadonlySet<number>,
    known: ReadonlySet<number>,
  ): { keys: HashKey[]; rest: Expression[] } {
    const keys: HashKey[] = [];
    const rest: Expression[] = [];
    const leftAndKnown = new Set([...left, ...known]);
    for (const conjunct of conjuncts) {
      const key =
        conjunct.kind === 'compare' && conjunct.operator === '='
          ? this.#hashKey(conjunct, leftAndKnown, right)
          : undefined;
      if (key === undefined) rest.push(conjunct);
      else keys.push(key);
    }
    return { keys, rest };
  }

  #hashKey(
    conjunct: Extract<Expression, { kind: 'compare' }>,
    left: ReadonlySet<number>,
    right: ReadonlySet<number>,
  ): HashKey | undefined {
    const a = referencesOf(conjunct.left, this.#scope);
    const b = referencesOf(conjunct.right, this.#scope);
    const compile = (expression: Expression): Compiled => compileExpression(expression, this.#scope);
    if (within(a, left) && within(b, right)) return antiSafe(compile(conjunct.left), compile(conjunct.right));
    if (within(b, left) && within(a, right)) return antiSafe(compile(conjunct.right), compile(conjunct.left));
    return undefined;
  }

  /** Rows of nulls for the missing side of an outer join. */
  #nulls(node: Node): readonly { readonly index: number; readonly values: readonly SqlValue[] }[] {
    return [...sourcesOf(node)].map((index) => ({
      index,
      values: (this.#scope.sources[index]?.columns ?? []).map(() => null),
    }));
  }
}

export function extend(base: Row, index: number, values: readonly SqlValue[], target: StoredRow | null): Row {
  const parts = base.parts.slice();
  parts[index] = values;
  return new Row(parts, base.outer, target ?? base.target);
}

function tableOperator(
  index: number,
  tableOf: NonNullable<Access['table']>,
  seek: Seek | undefined,
  tests: readonly Test[],
  isTarget: boolean,
): Operator {
  return function* (run, base) {
    const table = tableOf(run);
    const rows = seek?.find(table, base, run) ?? table.rows();
    let count = 0;
    for (const stored of rows) {
      if (++count % 2048 === 0) yield PAUSE;
      const row = extend(base, index, stored.values, isTarget ? stored : null);
      if (passes(tests, row, run)) yield row;
    }
  };
}
