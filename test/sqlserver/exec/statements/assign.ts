import { SqlError, type SqlType, type SqlValue } from '../../contracts.ts';
import type { AssignOperator } from '../../tsql/ast/query.ts';
import { compileArithmetic, convertTo } from '../expression/arithmetic.ts';
import type { Compiled, VariableCell } from '../expression/compiled.ts';
import { Row } from '../expression/row.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';

const NO_ROW = new Row([], null);

/** What stores values into a variable: `=` converts, `+=` and its kin compute first. */
export function assigner(
  name: string,
  operator: AssignOperator,
  source: { readonly type: SqlType; readonly untyped?: boolean },
  run: StatementRun,
): (value: SqlValue) => void {
  const cell = variableCell(name, run);
  let given: SqlValue = null;
  const incoming: Compiled = {
    type: source.type,
    nullable: true,
    ...(source.untyped === true ? { untyped: true } : {}),
    evaluate: () => given,
  };
  const current: Compiled = { type: cell.type, nullable: true, evaluate: () => cell.value };
  const combined = operator === '=' ? incoming : compileArithmetic(operator.charAt(0) as '+', current, incoming);
  const converted = convertTo(combined, cell.type);
  return (value) => {
    given = value;
    cell.value = converted.evaluate(NO_ROW, run);
  };
}

export function variableCell(name: string, run: StatementRun): VariableCell {
  const cell = run.activation.variables.get(name.toLowerCase());
  if (cell === undefined) {
    throw new SqlError({ number: 137, class: 15, state: 1, text: `Must declare the scalar variable "${name}".` });
  }
  return cell;
}
