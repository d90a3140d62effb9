import type { Expression } from '../../tsql/ast/expression.ts';
import type { Scope } from './scope.ts';

/** Equal for expressions that mean the same in this block: `t.A` and `a` when both are the same column. */
export function keyOf(expression: Expression, scope: Scope): string {
  return JSON.stringify(expression, (name, value: unknown) => {
    if (name === 'line') return undefined;
    if (typeof value === 'bigint') return `${value}n`;
    if (isColumn(value)) {
      try {
        const { depth, source, index } = scope.resolve(value.parts, value.line);
        return `#${depth}.${source}.${index}`;
      } catch {
        // A datepart or a name that belongs to a subquery of its own: the spelling is the key.
        return value.parts.join('.').toLowerCase();
      }
    }
    return value;
  });
}

function isColumn(value: unknown): value is { kind: 'column'; parts: readonly string[]; line: number } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'column';
}
