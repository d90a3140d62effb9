import { SqlError, type Database, type SqlType, type SqlValue, type TextObject } from '../../contracts.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import type { CreateModuleStatement, ProcedureParameter } from '../../tsql/ast/procedure.ts';
import { parse } from '../../tsql/parse.ts';
import { compileExpression } from '../expression/compile.ts';
import { Row } from '../expression/row.ts';
import { Scope } from '../expression/scope.ts';
import { STATIC_ENVIRONMENT } from '../expression/static-environment.ts';
import type { Interpreter } from '../interpreter/interpreter.ts';
import { parseCached } from '../interpreter/parse-cache.ts';
import { Aborted } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { declareTables } from '../interpreter/table-variables.ts';
import { nameText } from '../query/planner.ts';
import { Activation, type ActivationOptions } from '../session/activation.ts';
import type { Output } from '../session/output.ts';
import { findSystemProcedure } from '../session/registry.ts';
import { convertValue } from '../types/convert.ts';
import { callBuiltIn, isBuiltIn } from './built-in.ts';
import { callSystemProcedure } from './system-procedure.ts';

/** One argument of a call, from EXEC or from the wire. */
export interface CallArgument {
  readonly name?: string;
  readonly type: SqlType;
  readonly value: SqlValue;
  /** The keyword DEFAULT. */
  readonly isDefault?: boolean;
  readonly output: boolean;
}

export interface CallResult {
  readonly status: number;
  /** Values of output parameters by lower-case name with @. */
  readonly outputs: ReadonlyMap<string, { readonly type: SqlType; readonly value: SqlValue }>;
  /** An error ended the module early. */
  readonly failed: boolean;
}

export interface Call {
  readonly interpreter: Interpreter;
  readonly run: StatementRun;
  readonly output: Output;
  readonly name: ObjectName;
  readonly args: readonly CallArgument[];
}

const MODULES = new WeakMap<TextObject, CreateModuleStatement>();
const NO_ROW = new Row([], null);
const DEEPEST = 32;

/** Runs a procedure by name: built in, of the catalog, or of a user. */
export async function callProcedure(call: Call): Promise<CallResult> {
  const { run, name } = call;
  const { catalog } = run.session;
  if (name.server !== undefined) {
    throw new SqlError({
      number: 7202,
      class: 11,
      state: 2,
      text: `Could not find server '${name.server}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
    });
  }
  if (isBuiltIn(name)) return callBuiltIn(call);
  const database = name.database === undefined ? catalog.current : catalog.database(name.database);
  const user = findUserProcedure(database, name, catalog.defaultSchema);
  if (user !== undefined) return callUserProcedure(call, database, user);
  const system = findSystemProcedure(name.schema, name.name, database.name);
  if (system !== undefined) return callSystemProcedure(call, system, database);
  throw new SqlError({
    number: 2812,
    class: 16,
    state: 62,
    text: `Could not find stored procedure '${nameText(name)}'.`,
  });
}

function findUserProcedure(database: Database, name: ObjectName, defaultSchema: string): TextObject | undefined {
  const schemas = name.schema === undefined ? [defaultSchema, 'dbo'] : [name.schema];
  for (const schema of schemas) {
    const object = database.object(schema, name.name);
    if (object?.kind === 'procedure') return object;
  }
  return undefined;
}

function moduleOf(object: TextObject): CreateModuleStatement {
  const known = MODULES.get(object);
  if (known !== undefined) return known;
  const [statement] = parse(object.text).statements;
  if (statement?.kind !== 'create module') throw new Error(`${object.name} is not a module`);
  MODULES.set(object, statement);
  return statement;
}

async function callUserProcedure(call: Call, database: Database, object: TextObject): Promise<CallResult> {
  const { run, output } = call;
  const { session } = run;
  const { permissions } = session;
  if (!permissions.isSysadmin && !permissions.onObject(database, 'EXECUTE', object.schema, object.name)) {
    throw new SqlError({
      number: 229,
      class: 14,
      state: 5,
      text: `The EXECUTE permission was denied on the object '${object.name}', database '${database.name}', schema '${object.schema}'.`,
    });
  }
  const module = moduleOf(object);
  const activation = activate(call, {
    kind: 'procedure',
    output: output.inner(),
    declarations: module.declarations,
    text: object.text,
    parent: run.activation,
    procedure: { id: object.id, name: object.name, schema: object.schema },
  });
  bindParameters(activation, object.name, module.parameters, call.args, run);
  const { noCount, restore } = scopedSettings(run);
  try {
    return await session.within(database, () => runModule(call, activation, module.body, module.parameters));
  } finally {
    restore(noCount);
  }
}

/** SET options a module changes go back when it ends. */
function scopedSettings(run: StatementRun): {
  noCount: ReadonlyMap<string, boolean>;
  restore: (options: ReadonlyMap<string, boolean>) => void;
} {
  const { options } = run.session.settings;
  return {
    noCount: new Map(options),
    restore: (saved) => {
      for (const [name, value] of saved) options.set(name, value);
    },
  };
}

export function activate(call: Pick<Call, 'run'>, options: ActivationOptions): Activation {
  const activation = new Activation(options);
  if (activation.nestLevel > DEEPEST) {
    throw new SqlError({
      number: 217,
      class: 16,
      state: 1,
      text: 'Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).',
    });
  }
  declareTables(activation, call.run.session);
  return activation;
}

/** Positional arguments first, named ones after; what is missing has its default. @throws SqlError 201, 8144, 8145 */
export function bindParameters(
  activation: Activation,
  procedure: string,
  parameters: readonly ProcedureParameter[],
  args: readonly CallArgument[],
  run: StatementRun,
): void {
  const given = new Map<string, CallArgument>();
  args.forEach((arg, i) => {
    const parameter =
      arg.name === undefined || arg.name === ''
        ? parameters[i]
        : parameters.find((other) => other.name.toLowerCase() === arg.name?.toLowerCase());
    if (parameter === undefined) {
      throw arg.name === undefined || arg.name === ''
        ? failure(8144, `Procedure or function ${procedure} has too many arguments specified.`, 2)
        : failure(8145, `${arg.name} is not a parameter for procedure ${procedure}.`, 1);
    }
    if (arg.output && !parameter.output) {
      throw failure(
        8162,
        `The formal parameter "${parameter.name}" was not declared as an OUTPUT parameter, but the actual parameter passed in requested output.`,
        2,
      );
    }
    given.set(parameter.name.toLowerCase(), arg);
  });
  for (const parameter of parameters) {
    const arg = given.get(parameter.name.toLowerCase());
    if (arg === undefined || arg.isDefault === true) {
      if (parameter.defaultValue === undefined) {
        throw failure(
          201,
          `Procedure or function '${procedure}' expects parameter '${parameter.name}', which was not supplied.`,
          4,
        );
      }
      const compiled = compileExpression(parameter.defaultValue, new Scope(STATIC_ENVIRONMENT));
      const value = compiled.evaluate(NO_ROW, run);
      activation.bind(parameter.name, parameter.type, convertValue(value, compiled.type, parameter.type, run.convert));
      continue;
    }
    activation.bind(parameter.name, parameter.type, convertValue(arg.value, arg.type, parameter.type, run.convert));
  }
}

/** Runs a body; gives what RETURN and the output parameters say. */
export async function runModule(
  call: Pick<Call, 'interpreter' | 'run' | 'output'>,
  activation: Activation,
  body: CreateModuleStatement['body'],
  parameters: readonly ProcedureParameter[],
): Promise<CallResult> {
  const { interpreter, run } = call;
  const { session } = run;
  const before = session.transactions.count;
  session.activation = activation;
  let failed = false;
  try {
    await interpreter.nested(activation).run(body);
  } catch (error) {
    if (!(error instanceof Aborted) || error.scope !== activation) throw error;
    failed = true;
  } finally {
    session.activation = run.activation;
    session.temporary.dropOwnedBy(activation);
    for (const cursor of activation.cursors) if (session.cursors.has(cursor)) session.cursors.deallocate(cursor);
  }
  const after = session.transactions.count;
  if (after !== before) {
    session.lastError = 266;
    run.message({
      number: 266,
      class: 16,
      state: 2,
      text: `Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = ${before}, current count = ${after}.`,
      ...(activation.procedure === undefined ? {} : { procedure: activation.procedure.name }),
    });
  }
  const outputs = new Map<string, { type: SqlType; value: SqlValue }>();
  for (const parameter of parameters) {
    if (!parameter.output) continue;
    const key = parameter.name.toLowerCase();
    outputs.set(key, { type: parameter.type, value: activation.variables.get(key)?.value ?? null });
  }
  return { status: activation.returnValue ?? (failed ? -6 : 0), outputs, failed };
}

/** EXEC ('…') and the text of sp_executesql. A syntax error belongs to the caller's statement. */
export async function runText(
  call: Call,
  text: string,
  parameters: readonly ProcedureParameter[],
  args: readonly CallArgument[],
  procedure: string,
): Promise<CallResult> {
  const { run, output } = call;
  const { session } = run;
  const types = new Map(parameters.map((parameter) => [parameter.name.toLowerCase(), parameter.type]));
  const batch = parseCached(text, session.settings.isOn('QUOTED_IDENTIFIER'), types);
  const activation = activate(call, {
    kind: 'dynamic',
    output: output.inner(),
    declarations: batch.declarations,
    text,
    parent: run.activation,
  });
  bindParameters(activation, procedure, parameters, args, run);
  if (session.request !== undefined && run.activation.parent === undefined && run.activation.text === '') {
    session.request.text = text;
  }
  const database = session.databaseObject;
  try {
    const result = await runModule(call, activation, batch.statements, parameters);
    // The return status of dynamic SQL is the error of its last statement.
    return { ...result, status: activation.returnValue ?? session.lastError };
  } finally {
    session.useQuietly(database);
  }
}

function failure(number: number, text: string, state: number): SqlError {
  return new SqlError({ number, class: 16, state, text });
}
