import { SqlError, type SqlType, type SqlValue } from '../../contracts.ts';
import type { FunctionCall } from '../../tsql/ast/expression.ts';
import { unsupported } from '../../tsql/errors.ts';
import { sqlError } from '../types/errors.ts';
import { INT, isString, typeName } from '../types/sqltype.ts';
import { isAggregate } from './aggregate-names.ts';
import { compileExpression } from './compile.ts';
import type { Compiled } from './compiled.ts';
import { keyOf } from './key.ts';
import type { Scope } from './scope.ts';

export function compileAggregate(call: FunctionCall, name: string, scope: Scope): Compiled {
  const grouping = scope.grouping;
  if (scope.insideAggregate) {
    throw sqlError(
      130,
      15,
      1,
      'Cannot perform an aggregate function on an expression containing an aggregate or a subquery.',
    );
  }
  if (grouping === undefined) {
    throw sqlError(
      147,
      15,
      1,
      'An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.',
    );
  }
  const key = keyOf(call, scope);
  let slot = grouping.aggregates.find((other) => other.key === key);
  if (slot === undefined) {
    slot = { call, key, index: grouping.aggregates.length };
    grouping.aggregates.push(slot);
  }
  const { index } = slot;
  const part = scope.sources.length;
  const type = aggregateType(call, name, scope);
  return {
    type,
    nullable: name !== 'COUNT' && name !== 'COUNT_BIG',
    column: { name: '', flags: 1, identity: false },
    evaluate: (row) => (row.parts[part] as readonly SqlValue[])[index] as SqlValue,
  };
}

function aggregateType(call: FunctionCall, name: string, scope: Scope): SqlType {
  const [argument] = call.args;
  if (argument === undefined) return name === 'COUNT_BIG' ? { name: 'bigint' } : INT;
  scope.insideAggregate = true;
  try {
    return resultOfAggregate(name, compileExpression(argument, scope));
  } finally {
    scope.insideAggregate = false;
  }
}

/** Result type of an aggregate ("SUM", "AVG", … (Transact-SQL)). */
export function resultOfAggregate(name: string, argument: Compiled): SqlType {
  const { type } = argument;
  switch (name) {
    case 'COUNT':
    case 'CHECKSUM_AGG':
      return INT;
    case 'COUNT_BIG':
      return { name: 'bigint' };
    case 'STRING_AGG':
      if (!isString(type)) return { name: 'nvarchar', length: 4000 };
      return type.length === -1
        ? { name: type.name, length: -1 }
        : type.name.startsWith('n')
          ? { name: 'nvarchar', length: 4000 }
          : { name: 'varchar', length: 8000 };
    case 'SUM':
    case 'AVG':
      switch (type.name) {
        case 'tinyint':
        case 'smallint':
        case 'int':
          return INT;
        case 'decimal':
        case 'numeric':
          return {
            name: type.name,
            precision: 38,
            scale: name === 'SUM' ? (type.scale ?? 0) : Math.max(6, type.scale ?? 0),
          };
        case 'smallmoney':
          return { name: 'money' };
        case 'real':
          return { name: 'float' };
        case 'bigint':
        case 'money':
        case 'float':
          return type;
        default:
          throw sqlError(
            8117,
            16,
            1,
            `Operand data type ${typeName(type)} is invalid for ${name.toLowerCase()} operator.`,
          );
      }
    case 'STDEV':
    case 'STDEVP':
    case 'VAR':
    case 'VARP':
      return { name: 'float' };
    default:
      if (type.name === 'bit' || type.name === 'text' || type.name === 'ntext' || type.name === 'image') {
        throw sqlError(
          8117,
          16,
          1,
          `Operand data type ${typeName(type)} is invalid for ${name.toLowerCase()} operator.`,
        );
      }
      return type;
  }
}

const RANKING = new Set(['ROW_NUMBER', 'RANK', 'DENSE_RANK', 'NTILE']);

const OFFSET = new Set(['LAG', 'LEAD', 'FIRST_VALUE', 'LAST_VALUE']);

export function compileWindow(call: FunctionCall, scope: Scope): Compiled {
  const name = (call.name[0] ?? '').toUpperCase();
  const windows = scope.windows;
  if (windows === undefined) {
    throw sqlError(4108, 15, 1, 'Windowed functions can only appear in the SELECT or ORDER BY clauses.');
  }
  if (!RANKING.has(name) && !OFFSET.has(name) && !isAggregate(name)) throw unsupported(`${name} … OVER`, call.line);
  if ((RANKING.has(name) || OFFSET.has(name)) && call.over?.orderBy.length === 0) {
    throw new SqlError({
      number: 4112,
      class: 15,
      state: 1,
      text: `The function '${name}' must have an OVER clause with ORDER BY.`,
      line: call.line,
    });
  }
  const key = keyOf(call, scope);
  let slot = windows.find((other) => other.key === key);
  if (slot === undefined) {
    slot = { call, key, index: windows.length };
    windows.push(slot);
  }
  const { index } = slot;
  const part = scope.sources.length + 1;
  const [argument] = call.args;
  let type: SqlType = { name: 'bigint' };
  if (argument !== undefined && name !== 'NTILE') {
    const compiled = compileExpression(argument, scope);
    type = OFFSET.has(name) ? compiled.type : resultOfAggregate(name, compiled);
  } else if (name === 'COUNT') {
    type = INT;
  }
  return {
    type,
    nullable: !RANKING.has(name),
    evaluate: (row) => (row.parts[part] as readonly SqlValue[])[index] as SqlValue,
  };
}
