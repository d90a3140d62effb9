import { SqlError, type SqlType, type SqlValue } from '../../contracts.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import { unsupported } from '../../tsql/errors.ts';
import { parseParametersCached } from '../interpreter/parse-cache.ts';
import type { ProcedureParameter } from '../../tsql/ast/procedure.ts';
import { convertValue } from '../types/convert.ts';
import { INT, isNational, nvarchar } from '../types/sqltype.ts';
import { runText, type Call, type CallArgument, type CallResult } from './call.ts';

const NAMES = new Set([
  'sp_executesql',
  'sp_prepare',
  'sp_execute',
  'sp_prepexec',
  'sp_unprepare',
  'sp_reset_connection',
]);

/** Procedures that run text: they belong to the session, not to the catalog. */
export function isBuiltIn(name: ObjectName): boolean {
  const lower = name.name.toLowerCase();
  if (name.schema !== undefined && !['sys', 'dbo'].includes(name.schema.toLowerCase())) return false;
  return NAMES.has(lower) || /^sp_cursor/.test(lower) || lower === 'sp_prepexecrpc';
}

export async function callBuiltIn(call: Call): Promise<CallResult> {
  const { args } = call;
  const name = call.name.name.toLowerCase();
  switch (name) {
    case 'sp_executesql':
      return executeSql(call);
    case 'sp_prepare': {
      const handle = call.run.session.prepared.add({
        parameters: parametersOf(call, args[1]),
        text: textOf(call, args[2], '@stmt'),
      });
      return handleResult(handle);
    }
    case 'sp_prepexec': {
      const parameters = parametersOf(call, args[1]);
      const text = textOf(call, args[2], '@stmt');
      const result = await runText(call, text, parameters, args.slice(3), name);
      const handle = call.run.session.prepared.add({ parameters, text });
      return { ...result, outputs: new Map([...handleResult(handle).outputs, ...result.outputs]) };
    }
    case 'sp_execute': {
      const { text, parameters } = call.run.session.prepared.get(handleOf(args[0]));
      return runText(call, text, parameters, args.slice(1), name);
    }
    case 'sp_unprepare':
      call.run.session.prepared.remove(handleOf(args[0]));
      return { status: 0, outputs: new Map(), failed: false };
    case 'sp_reset_connection':
      await call.run.session.reset();
      return { status: 0, outputs: new Map(), failed: false };
    default:
      throw unsupported(call.name.name);
  }
}

/** The handle is the first output whatever the client calls it. */
export const HANDLE = '@handle';

function handleResult(handle: number): CallResult {
  return { status: 0, failed: false, outputs: new Map([[HANDLE, { type: INT, value: handle }]]) };
}

function handleOf(arg: CallArgument | undefined): number {
  return typeof arg?.value === 'number' ? arg.value : 0;
}

async function executeSql(call: Call): Promise<CallResult> {
  const [first, second] = call.args;
  if (first === undefined) {
    throw new SqlError({
      number: 201,
      class: 16,
      state: 10,
      text: "Procedure or function 'sp_executesql' expects parameter '@statement', which was not supplied.",
    });
  }
  const text = textOf(call, first, '@statement');
  const parameters = parametersOf(call, second);
  return runText(call, text, parameters, call.args.slice(2), 'sp_executesql');
}

function textOf(call: Call, arg: CallArgument | undefined, parameter: string): string {
  if (arg === undefined || arg.value === null) return '';
  if (!isNational(arg.type)) {
    throw new SqlError({
      number: 214,
      class: 16,
      state: 2,
      text: `Procedure expects parameter '${parameter}' of type 'ntext/nchar/nvarchar'.`,
    });
  }
  return toText(call, arg.value, arg.type);
}

function parametersOf(call: Call, arg: CallArgument | undefined): readonly ProcedureParameter[] {
  if (arg === undefined || arg.value === null || typeof arg.value !== 'string') return [];
  return parseParametersCached(toText(call, arg.value, arg.type));
}

function toText(call: Call, value: SqlValue, type: SqlType): string {
  return convertValue(value, type, nvarchar(-1), call.run.convert) as string;
}
