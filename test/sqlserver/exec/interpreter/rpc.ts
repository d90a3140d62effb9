import { SqlError, type ResultSink, type RpcCall } from '../../contracts.ts';
import { type toObjectName } from '../../tsql/parse/parser.ts';
import { parse } from '../../tsql/parse.ts';
import { Activation } from '../session/activation.ts';
import type { Output } from '../session/output.ts';
import type { ExecSession } from '../session/session.ts';
import { HANDLE } from '../statements/built-in.ts';
import { callProcedure, type CallResult } from '../statements/call.ts';
import { endOfBatch } from './batch.ts';
import { Interpreter } from './interpreter.ts';
import { Aborted } from './signals.ts';
import { StatementRun } from './statement-run.ts';

const NOTHING = { scalars: new Map<string, never>(), tables: new Map<string, never>() };

/** A remote procedure call: sp_executesql and its kin, or any procedure by name. */
export async function runRpc(
  session: ExecSession,
  call: RpcCall,
  sink: ResultSink,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const root = new Activation({ kind: 'batch', output, declarations: NOTHING, text: '' });
  session.activation = root;
  const interpreter = new Interpreter(session, root, signal);
  const run = new StatementRun(session, root, { line: 1, start: 0, end: 0 }, signal);
  const args = call.parameters.map(({ name, type, value, output: wanted }) => ({ name, type, value, output: wanted }));
  let result: CallResult;
  try {
    result = await callProcedure({ interpreter, run, output, name: procedureName(call.procedure), args });
    run.succeed();
  } catch (error) {
    run.fail();
    if (error instanceof SqlError && !signal.aborted) return failed(session, error, run, output);
    if (error instanceof Aborted) return endOfBatch(session, output);
    throw error;
  }
  endOfBatch(session, output);
  sink.returnStatus(result.status);
  returnOutputs(call, result, sink);
}

function failed(session: ExecSession, error: SqlError, run: StatementRun, output: Output): void {
  if (error.messages.some((message) => message.class >= 20)) throw error;
  for (const message of error.messages) output.message(run.placed(message));
  session.lastError = error.messages.at(-1)?.number ?? 0;
  endOfBatch(session, output);
}

function procedureName(text: string): ReturnType<typeof toObjectName> {
  if (/^\w+$/.test(text)) return { name: text };
  const [statement] = parse(`EXEC ${text}`).statements;
  if (statement?.kind === 'execute' && statement.module.kind === 'procedure') return statement.module.name;
  return { name: text };
}

/** Output values in the order the client passed its parameters; the handle of sp_prepare comes first. */
function returnOutputs(call: RpcCall, result: CallResult, sink: ResultSink): void {
  const handle = result.outputs.get(HANDLE);
  const named = [...result.outputs].filter(([name]) => handle === undefined || name !== HANDLE);
  let position = 0;
  call.parameters.forEach((parameter, i) => {
    if (!parameter.output) return;
    if (i === 0 && handle !== undefined) {
      sink.returnValue({ name: parameter.name, type: handle.type, value: handle.value });
      return;
    }
    const key = parameter.name.toLowerCase();
    const found = key === '' ? named[position]?.[1] : result.outputs.get(key);
    position += 1;
    if (found !== undefined) sink.returnValue({ name: parameter.name, type: found.type, value: found.value });
  });
}
