import { SqlError, type SqlValue } from '../../contracts.ts';
import type { FunctionCall } from '../../tsql/ast/expression.ts';
import { unsupported } from '../../tsql/errors.ts';
import { compileChecksum } from '../functions/checksum.ts';
import { compileDatePartFunction } from '../functions/date-parts.ts';
import { dateFunctions } from '../functions/dates.ts';
import type { FunctionDefinition } from '../functions/define.ts';
import { identityFunctions } from '../functions/identity.ts';
import { logicFunctions } from '../functions/logic.ts';
import { mathFunctions } from '../functions/math.ts';
import { compileFormatMessage } from '../functions/message.ts';
import { stringFunctions } from '../functions/strings.ts';
import type { SystemFunction } from '../system/contract.ts';
import { converter } from '../types/convert.ts';
import { compileExpression } from './compile.ts';
import type { Compiled, Evaluate } from './compiled.ts';
import type { Scope } from './scope.ts';

const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  [...stringFunctions, ...mathFunctions, ...dateFunctions, ...identityFunctions, ...logicFunctions].map((f) => [
    f.name,
    f,
  ]),
);

const DATE_PART_FUNCTIONS = new Set(['DATEADD', 'DATEDIFF', 'DATEDIFF_BIG', 'DATEPART', 'DATENAME', 'DATETRUNC']);

/** Functions the server has and this one does not: they get a clear error instead of 195. */
const MISSING = new Set(
  `FORMAT SOUNDEX DIFFERENCE JSON_VALUE JSON_QUERY JSON_MODIFY ISJSON JSON_OBJECT JSON_ARRAY COMPRESS DECOMPRESS DATE_BUCKET
  GENERATE_SERIES SMALLDATETIMEFROMPARTS TIMEFROMPARTS DATETIMEOFFSETFROMPARTS PERCENTILE_CONT PERCENTILE_DISC CUME_DIST
  PERCENT_RANK APPROX_COUNT_DISTINCT GROUPING GROUPING_ID TRY_PARSE PARSE CRYPT_GEN_RANDOM ENCRYPTBYKEY DECRYPTBYKEY
  BINARY_CHECKSUM STRING_SPLIT OPENJSON COT LEFT_SHIFT RIGHT_SHIFT BIT_COUNT GET_BIT SET_BIT`.split(/\s+/),
);

export function compileCall(call: FunctionCall, scope: Scope): Compiled {
  const compile = (arg: FunctionCall['args'][number]): Compiled => compileExpression(arg, scope);
  const name = call.name.length === 1 ? (call.name[0] as string).toUpperCase() : '';
  if (DATE_PART_FUNCTIONS.has(name)) return compileDatePartFunction(call, compile);
  const definition = FUNCTIONS.get(name);
  if (definition !== undefined) {
    checkCount(call, definition.min, definition.max);
    return definition.compile(call.args.map(compile), call);
  }
  if (name === 'FORMATMESSAGE') return compileFormatMessage(call.args.map(compile));
  if (name === 'CHECKSUM') return compileChecksum(call.args.map(compile));
  const system = scope.env.systemFunction(call.name);
  if (system !== undefined) return compileSystem(call, system, scope);
  if (MISSING.has(name)) throw unsupported(name, call.line);
  if (call.name.length > 1) {
    const written = call.name.filter((part) => part !== '').join('.');
    throw new SqlError({
      number: 4121,
      class: 16,
      state: 1,
      text: `Cannot find either column "${call.name[0] ?? ''}" or the user-defined function or aggregate "${written}", or the name is ambiguous.`,
      line: call.line,
    });
  }
  throw new SqlError({
    number: 195,
    class: 15,
    state: 10,
    text: `'${call.name[0] ?? ''}' is not a recognized built-in function name.`,
    line: call.line,
  });
}

function checkCount(call: FunctionCall, min: number, max: number): void {
  const count = call.args.length;
  if (count >= min && count <= max) return;
  const name = (call.name.at(-1) ?? '').toLowerCase();
  const text =
    min === max
      ? `The ${name} function requires ${min} argument(s).`
      : `The ${name} function requires ${min} to ${max} arguments.`;
  throw new SqlError({ number: min === max ? 174 : 189, class: 15, state: 1, text, line: call.line });
}

function compileSystem(call: FunctionCall, system: SystemFunction, scope: Scope): Compiled {
  const { parameters } = system;
  const min = parameters.filter((parameter) => parameter.optional !== true).length;
  checkCount(call, min, system.variadic === true ? 254 : parameters.length);
  const args = call.args.map((arg, i): Evaluate => {
    const parameter = parameters[Math.min(i, parameters.length - 1)];
    const compiled = compileExpression(arg, scope);
    if (parameter === undefined || compiled.untyped === true) return compiled.evaluate;
    const convert = converter(compiled.type, parameter.type, { explicit: true });
    const { evaluate } = compiled;
    return (row, run) => convert(evaluate(row, run), run.convert);
  });
  const database = call.name.length === 3 && call.name[0] !== '' ? call.name[0] : undefined;
  return {
    type: system.type,
    nullable: true,
    evaluate: (row, run) => {
      const values: SqlValue[] = args.map((evaluate) => evaluate(row, run));
      while (values.length < parameters.length) values.push(null);
      return system.evaluate(run.system(database), values, args.length);
    },
  };
}
