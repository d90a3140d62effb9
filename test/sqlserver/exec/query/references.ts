import type { Expression } from '../../tsql/ast/expression.ts';
import type { Scope } from '../expression/scope.ts';

const DATE_PART_FUNCTIONS = new Set(['DATEADD', 'DATEDIFF', 'DATEDIFF_BIG', 'DATEPART', 'DATENAME', 'DATETRUNC']);

/** AND-ed terms of a condition. */
export function conjunctsOf(condition: Expression | undefined): Expression[] {
  if (condition === undefined) return [];
  if (condition.kind === 'and') return [...conjunctsOf(condition.left), ...conjunctsOf(condition.right)];
  return [condition];
}

/** Sources of this block that an expression looks at; undefined when a subquery in it may look at any. */
export function referencesOf(expression: Expression, scope: Scope): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  return visit(expression, scope, found) ? found : undefined;
}

/** false: cannot tell. */
function visit(value: unknown, scope: Scope, found: Set<number>): boolean {
  if (Array.isArray(value)) return value.every((item) => visit(item, scope, found));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true;
  const node = value as Expression & { readonly kind?: string };
  switch (node.kind) {
    case undefined:
      return Object.values(value).every((item) => visit(item, scope, found));
    case 'column': {
      const { depth, source } = scope.resolve(node.parts, node.line);
      if (depth === 0) found.add(source);
      return true;
    }
    case 'subquery':
    case 'exists':
    case 'inquery':
    case 'quantified':
      return false;
    case 'literal':
      return true;
    case 'call': {
      const name = node.name.length === 1 ? (node.name[0] as string).toUpperCase() : '';
      const args = DATE_PART_FUNCTIONS.has(name) ? node.args.slice(1) : node.args;
      return args.every((arg) => visit(arg, scope, found));
    }
    default:
      return Object.values(value).every((item) => visit(item, scope, found));
  }
}
