import { SqlError, type Database, type SqlType, type SqlValue } from '../../contracts.ts';
import { UnitOfWork } from '../session/unit-of-work.ts';
import { makeSystemContext } from '../session/system-context.ts';
import type { ProcedureContext, SystemParameter, SystemProcedure } from '../system/contract.ts';
import { convertValue } from '../types/convert.ts';
import { runText, type Call, type CallArgument, type CallResult } from './call.ts';

/** Runs a procedure of the catalog with its arguments in the types it declares. */
export async function callSystemProcedure(
  call: Call,
  procedure: SystemProcedure,
  database: Database,
): Promise<CallResult> {
  const { run } = call;
  const args = bind(call, procedure);
  const outputs = new Map<string, { type: SqlType; value: SqlValue }>();
  for (const parameter of procedure.parameters) {
    if (parameter.output !== true) continue;
    const key = parameter.name.toLowerCase();
    outputs.set(key, { type: parameter.type, value: args.get(key) ?? null });
  }
  const context = makeContext(call, database, (name, value) => {
    const key = name.toLowerCase();
    const known = outputs.get(key);
    if (known !== undefined) outputs.set(key, { type: known.type, value });
  });
  const noted = run.activation;
  try {
    const status = await procedure.run(context, args);
    return { status, outputs, failed: false };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(
      ...error.messages.map((message) => ({ ...message, procedure: message.procedure ?? procedure.name })),
    );
  } finally {
    run.session.activation = noted;
    run.session.permissions.refresh();
  }
}

function bind(call: Call, procedure: SystemProcedure): Map<string, SqlValue> {
  const { parameters, name } = procedure;
  const values = new Map<string, SqlValue>();
  call.args.forEach((arg, i) => {
    const parameter = findParameter(parameters, arg, i);
    if (parameter === undefined) {
      throw arg.name
        ? failure(8145, `${arg.name} is not a parameter for procedure ${name}.`, 2, name)
        : failure(8144, `Procedure or function ${name} has too many arguments specified.`, 2, name);
    }
    if (arg.isDefault === true) return;
    const value = convertValue(arg.value, arg.type, parameter.type, call.run.convert, { explicit: true });
    values.set(parameter.name.toLowerCase(), value);
  });
  for (const parameter of parameters) {
    if (parameter.optional === true || parameter.output === true || values.has(parameter.name.toLowerCase())) continue;
    throw failure(
      201,
      `Procedure or function '${name}' expects parameter '${parameter.name}', which was not supplied.`,
      4,
      name,
    );
  }
  return values;
}

function findParameter(
  parameters: readonly SystemParameter[],
  arg: CallArgument,
  position: number,
): SystemParameter | undefined {
  if (!arg.name) return parameters[position];
  return parameters.find((parameter) => parameter.name.toLowerCase() === arg.name?.toLowerCase());
}

function makeContext(call: Call, database: Database, setOutput: ProcedureContext['setOutput']): ProcedureContext {
  const { run, output } = call;
  const { session } = run;
  const inner = output.inner();
  const base = makeSystemContext(run, database.name);
  return Object.defineProperties(
    base,
    Object.getOwnPropertyDescriptors({
      signal: run.signal,
      get statement() {
        return run.context(224);
      },
      get inTransaction() {
        return session.transactions.count > 0;
      },
      resultSet: async (columns, rows) => {
        inner.columns(columns);
        let count = 0;
        for await (const row of rows) {
          inner.row(row);
          if (++count % 64 === 0) {
            await inner.ready();
            run.throwIfInterrupted();
          }
        }
        session.affected = count;
        inner.complete({ curCmd: 193, rowCount: count, resultSet: true });
      },
      message: (message) => {
        inner.message(run.placed(message));
      },
      setOutput,
      withTransaction: (where, work) => withTransaction(call, where, work),
      execute: async (text, parameters = []) => {
        const declared = parameters.map(({ name, type }) => ({ name, type, output: false }));
        const args = parameters.map(({ name, type, value }) => ({ name, type, value, output: false }));
        await session.within(database, () => runText(call, text, declared, args, call.name.name));
      },
    } satisfies Omit<ProcedureContext, keyof typeof base>),
  ) as ProcedureContext;
}

async function withTransaction<T>(
  call: Call,
  database: Database,
  work: Parameters<ProcedureContext['withTransaction']>[1],
): Promise<T> {
  const { session } = call.run;
  const open = session.transactions.unit;
  if (open !== undefined) return (await work(open.writer(database))) as T;
  const unit = new UnitOfWork(session.spid);
  try {
    const result = await work(unit.writer(database));
    unit.commit();
    return result as T;
  } catch (error) {
    unit.rollback();
    throw error;
  }
}

function failure(number: number, text: string, state: number, procedure: string): SqlError {
  return new SqlError({ number, class: 16, state, text, procedure });
}
