import { setTimeout as delay } from 'node:timers/promises';
import { SqlError, type SqlValue } from '../../contracts.ts';
import type {
  DeclareStatement,
  RaiserrorStatement,
  SetVariableStatement,
  ThrowStatement,
} from '../../tsql/ast/control.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import { unsupported } from '../../tsql/errors.ts';
import { formatMessage } from '../functions/message.ts';
import { Interrupted, type Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { convertValue } from '../types/convert.ts';
import { textOf } from '../types/convert-text.ts';
import { parseMoment } from '../types/parse-moment.ts';
import { INT, isString, nvarchar } from '../types/sqltype.ts';
import { assigner } from './assign.ts';

/** DECLARE shows only where it assigns; variables themselves exist from the start. */
export async function executeDeclare(statement: DeclareStatement, run: StatementRun): Promise<Outcome> {
  let assigned = false;
  for (const item of statement.items) {
    if (item.kind !== 'scalar' || item.initial === undefined) continue;
    const { compiled, value } = await run.evaluate(item.initial);
    assigner(item.name, '=', compiled, run)(value);
    assigned = true;
  }
  if (!assigned) return {};
  run.session.affected = 1;
  return { done: { curCmd: 193 } };
}

export async function executeSetVariable(statement: SetVariableStatement, run: StatementRun): Promise<Outcome> {
  const { compiled, value } = await run.evaluate(statement.value);
  assigner(statement.name, statement.operator, compiled, run)(value);
  run.session.affected = 1;
  return { done: { curCmd: 193 } };
}

export async function executeReturn(value: Expression | undefined, run: StatementRun): Promise<Outcome> {
  if (value !== undefined) {
    if (run.activation.kind === 'batch') {
      throw new SqlError({
        number: 178,
        class: 15,
        state: 1,
        text: 'A RETURN statement with a return value cannot be used in this context.',
      });
    }
    const { compiled, value: result } = await run.evaluate(value);
    const status = convertValue(result, compiled.type, INT, run.convert, { explicit: true });
    run.activation.returnValue = typeof status === 'number' ? status : 0;
  }
  return { flow: 'return', done: { curCmd: 219 } };
}

export async function executePrint(value: Expression, run: StatementRun): Promise<Outcome> {
  const { compiled, value: result } = await run.evaluate(value);
  const text = textOf(result, compiled.type);
  const limit = isString(compiled.type) && compiled.type.name.startsWith('n') ? 4000 : 8000;
  run.message({ number: 0, class: 0, state: 1, text: text === '' ? ' ' : text.slice(0, limit) });
  return { done: { curCmd: 247 } };
}

export async function executeWaitFor(mode: 'DELAY' | 'TIME', value: Expression, run: StatementRun): Promise<Outcome> {
  const { compiled, value: given } = await run.evaluate(value);
  const milliseconds = mode === 'DELAY' ? delayOf(given, compiled.type, run) : untilTime(given, compiled.type, run);
  const { request } = run.session;
  const wait = async (): Promise<void> => {
    try {
      await delay(milliseconds, undefined, { signal: run.signal });
    } catch (error) {
      if (run.signal.aborted) throw new Interrupted();
      throw error;
    }
  };
  await (request === undefined ? wait() : request.waiting('WAITFOR', wait));
  return { done: { curCmd: 253 } };
}

function ticksOfTime(value: SqlValue, type: Parameters<typeof textOf>[1], run: StatementRun): bigint {
  const bad = (text: string): SqlError =>
    new SqlError({
      number: 148,
      class: 15,
      state: 1,
      text: `Incorrect time syntax in time string '${text}' used with WAITFOR.`,
    });
  if (value === null) throw bad('');
  if (typeof value === 'object' && 'ticks' in value) return value.ticks % 864_000_000_000n;
  const text = textOf(value, type);
  const parsed = parseMoment(text, run.convert.dateFormat);
  if (parsed === undefined || parsed === 'range' || parsed.hasDate) throw bad(text);
  return parsed.ticks % 864_000_000_000n;
}

function delayOf(value: SqlValue, type: Parameters<typeof textOf>[1], run: StatementRun): number {
  return Number(ticksOfTime(value, type, run) / 10_000n);
}

function untilTime(value: SqlValue, type: Parameters<typeof textOf>[1], run: StatementRun): number {
  const wanted = ticksOfTime(value, type, run);
  const now = run.now.ticks % 864_000_000_000n;
  const difference = wanted >= now ? wanted - now : wanted - now + 864_000_000_000n;
  return Number(difference / 10_000n);
}

export async function executeThrow(statement: ThrowStatement, run: StatementRun): Promise<Outcome> {
  const { error } = statement;
  if (error === undefined) {
    const { caught } = run.session;
    if (caught === undefined) {
      throw new SqlError({
        number: 10704,
        class: 15,
        state: 1,
        text: 'To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW statement inside a CATCH block, or add error parameters to the THROW statement.',
      });
    }
    throw new SqlError(caught);
  }
  const number = await run.evaluate(error.number);
  const message = await run.evaluate(error.message);
  const state = await run.evaluate(error.state);
  const code = Number(number.value ?? 0);
  if (code < 50_000) {
    throw new SqlError({
      number: 35100,
      class: 16,
      state: 10,
      text: `Error number ${code} in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647.`,
    });
  }
  const text = textOf(message.value, message.compiled.type).slice(0, 2048);
  throw new SqlError({ number: code, class: 16, state: Number(state.value ?? 0), text });
}

export async function executeRaiserror(statement: RaiserrorStatement, run: StatementRun): Promise<Outcome> {
  const message = await run.evaluate(statement.message);
  const severityGiven = Number((await run.evaluate(statement.severity)).value ?? 0);
  const stateGiven = Number((await run.evaluate(statement.state)).value ?? 0);
  if (!isString(message.compiled.type)) throw unsupported('RAISERROR with a message number', statement.line);
  const args = [];
  for (const arg of statement.args) {
    const { compiled, value } = await run.evaluate(arg);
    args.push({ type: compiled.type, value });
  }
  const template = convertValue(message.value, message.compiled.type, nvarchar(-1), run.convert) as string | null;
  const text = formatMessage(template ?? '', args);
  const severity = Math.max(0, Math.min(25, severityGiven));
  const state = stateGiven < 0 ? 1 : Math.min(255, stateGiven);
  if (severity > 18 && (!statement.log || !run.session.permissions.isSysadmin)) {
    throw new SqlError({
      number: 2754,
      class: 16,
      state: 1,
      text: 'Error severity levels greater than 18 can only be specified by members of the sysadmin role, using the WITH LOG option.',
    });
  }
  if (severity > 10) throw new SqlError({ number: 50_000, class: severity, state, text });
  // Severity 10 travels as 0.
  run.message({ number: 50_000, class: severity === 10 ? 0 : severity, state, text });
  run.session.lastError = statement.setError ? 50_000 : 0;
  if (statement.noWait) run.output.flush();
  return { done: { curCmd: 246 } };
}
