import { SqlError } from '../../contracts.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import type { ExecuteStatement } from '../../tsql/ast/procedure.ts';
import { parse } from '../../tsql/parse.ts';
import type { Interpreter } from '../interpreter/interpreter.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import type { Output } from '../session/output.ts';
import { textOf } from '../types/convert-text.ts';
import { INT } from '../types/sqltype.ts';
import { assigner } from './assign.ts';
import { callProcedure, runText, type Call, type CallArgument, type CallResult } from './call.ts';
import { HANDLE } from './built-in.ts';

/** EXEC; `output` is where INSERT … EXEC wants the results instead. */
export async function executeExecute(
  interpreter: Interpreter,
  statement: ExecuteStatement,
  run: StatementRun,
  output: Output = run.output,
): Promise<Outcome> {
  const { module } = statement;
  if (module.kind === 'text') {
    const { compiled, value } = await run.evaluate(module.text);
    const call: Call = { interpreter, run, output, name: { name: '' }, args: [] };
    await runText(call, textOf(value, compiled.type), [], [], '');
    return {};
  }
  const args = await argumentsOf(statement, run);
  const name = module.kind === 'procedure' ? module.name : await nameOfVariable(module.name, run);
  const result = await callProcedure({ interpreter, run, output, name, args });
  assignOutputs(statement, name, result, run);
  if (statement.returnVariable !== undefined && !result.failed) {
    assigner(statement.returnVariable, '=', { type: INT }, run)(result.status);
  }
  output.procedureEnd(result.status, result.failed);
  return {};
}

async function nameOfVariable(variable: string, run: StatementRun): Promise<ObjectName> {
  const { value, compiled } = await run.evaluate({ kind: 'variable', name: variable });
  const text = textOf(value, compiled.type);
  const [statement] = parse(`EXEC ${text === '' ? '""' : text}`).statements;
  if (statement?.kind !== 'execute' || statement.module.kind !== 'procedure') {
    throw new SqlError({ number: 2812, class: 16, state: 62, text: `Could not find stored procedure '${text}'.` });
  }
  return statement.module.name;
}

async function argumentsOf(statement: ExecuteStatement, run: StatementRun): Promise<CallArgument[]> {
  const args: CallArgument[] = [];
  for (const arg of statement.args) {
    const named = arg.name === undefined ? {} : { name: arg.name };
    if (arg.value === undefined) {
      args.push({ ...named, type: INT, value: null, isDefault: true, output: false });
      continue;
    }
    if (arg.output && arg.value.kind !== 'variable') {
      throw new SqlError({
        number: 179,
        class: 15,
        state: 1,
        text: 'Cannot use the OUTPUT option when passing a constant to a stored procedure.',
      });
    }
    const { compiled, value } = await run.evaluate(arg.value);
    args.push({ ...named, type: compiled.type, value, output: arg.output });
  }
  return args;
}

/** Variables passed with OUTPUT get the parameters' values; positions count when there is no name. */
function assignOutputs(statement: ExecuteStatement, name: ObjectName, result: CallResult, run: StatementRun): void {
  const positional = [...result.outputs];
  let next = 0;
  for (const arg of statement.args) {
    if (!arg.output || arg.value?.kind !== 'variable') continue;
    const key = arg.name?.toLowerCase();
    const found =
      (key === undefined ? undefined : result.outputs.get(key)) ??
      (key === undefined ? positional[next]?.[1] : undefined);
    const value = found ?? (/^sp_prep/i.test(name.name) ? result.outputs.get(HANDLE) : undefined);
    next += 1;
    if (value !== undefined) assigner(arg.value.name, '=', { type: value.type }, run)(value.value);
  }
}
