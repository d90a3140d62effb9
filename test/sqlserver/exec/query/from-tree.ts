import { SqlError } from '../../contracts.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import type { JoinKind, TableSource } from '../../tsql/ast/query.ts';
import type { Scope } from '../expression/scope.ts';
import { openSource, type Access } from './access.ts';
import type { Planner } from './planner.ts';

export interface Leaf {
  readonly kind: 'leaf';
  readonly index: number;
  readonly access: Access;
  readonly lateral: boolean;
}

export interface Join {
  readonly kind: 'join';
  readonly join: JoinKind;
  readonly left: Node;
  readonly right: Node;
  readonly on?: Expression;
}

export type Node = Leaf | Join;

export function build(source: TableSource, planner: Planner, scope: Scope, leaves: Access[], lateral: boolean): Node {
  if (source.kind !== 'join') {
    const access = openSource(source, planner, scope, lateral);
    leaves.push(access);
    const index = scope.add({
      alias: access.alias,
      columns: access.columns,
      ...(access.schema === undefined ? {} : { schema: access.schema }),
      ...(access.database === undefined ? {} : { database: access.database }),
    });
    return { kind: 'leaf', index, access, lateral: lateral && !access.independent };
  }
  const left = build(source.left, planner, scope, leaves, lateral);
  const apply = source.join === 'cross apply' || source.join === 'outer apply';
  const right = build(source.right, planner, scope, leaves, apply || lateral);
  return { kind: 'join', join: source.join, left, right, ...(source.on === undefined ? {} : { on: source.on }) };
}

/** 1012, 1013: two sources with one name. */
export function checkNames(leaves: readonly Access[]): void {
  const seen = new Map<string, Access>();
  for (const leaf of leaves) {
    const key = leaf.alias.toLowerCase();
    const other = seen.get(key);
    const distinct =
      other !== undefined &&
      leaf.schema !== undefined &&
      other.schema !== undefined &&
      (leaf.schema !== other.schema || leaf.database !== other.database);
    if (other !== undefined && !distinct && key !== '') {
      throw new SqlError({
        number: 1011,
        class: 16,
        state: 1,
        text: `The correlation name '${leaf.alias}' is specified multiple times in a FROM clause.`,
      });
    }
    seen.set(key, leaf);
  }
}

export function sourcesOf(node: Node): ReadonlySet<number> {
  if (node.kind === 'leaf') return new Set([node.index]);
  return new Set([...sourcesOf(node.left), ...sourcesOf(node.right)]);
}

export function isLateral(node: Node): boolean {
  return node.kind === 'leaf' ? node.lateral : isLateral(node.left) || isLateral(node.right);
}
