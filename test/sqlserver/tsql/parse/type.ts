import { SqlError, type SqlType, type SqlTypeName } from '../../contracts.ts';
import { unsupported } from '../errors.ts';
import type { Parser } from './parser.ts';

const SIMPLE: Readonly<Record<string, SqlTypeName>> = {
  BIT: 'bit',
  TINYINT: 'tinyint',
  SMALLINT: 'smallint',
  INT: 'int',
  INTEGER: 'int',
  BIGINT: 'bigint',
  MONEY: 'money',
  SMALLMONEY: 'smallmoney',
  REAL: 'real',
  TEXT: 'text',
  NTEXT: 'ntext',
  IMAGE: 'image',
  SYSNAME: 'sysname',
  UNIQUEIDENTIFIER: 'uniqueidentifier',
  DATE: 'date',
  DATETIME: 'datetime',
  SMALLDATETIME: 'smalldatetime',
  SQL_VARIANT: 'sql_variant',
};

const SIZED: Readonly<
  Record<string, { readonly name: SqlTypeName; readonly max: number; readonly canBeMax: boolean }>
> = {
  CHAR: { name: 'char', max: 8000, canBeMax: false },
  CHARACTER: { name: 'char', max: 8000, canBeMax: false },
  VARCHAR: { name: 'varchar', max: 8000, canBeMax: true },
  NCHAR: { name: 'nchar', max: 4000, canBeMax: false },
  NVARCHAR: { name: 'nvarchar', max: 4000, canBeMax: true },
  BINARY: { name: 'binary', max: 8000, canBeMax: false },
  VARBINARY: { name: 'varbinary', max: 8000, canBeMax: true },
};

const KNOWN_ELSEWHERE = new Set([
  'XML',
  'GEOGRAPHY',
  'GEOMETRY',
  'HIERARCHYID',
  'ROWVERSION',
  'TIMESTAMP',
  'JSON',
  'VECTOR',
]);

/**
 * A data type with its arguments. `defaultLength` is what a missing length means: 1 in definitions, 30 in CAST and
 * CONVERT ("char and varchar (Transact-SQL)").
 */
export function parseType(p: Parser, defaultLength = 1): SqlType {
  const start = p.token;
  if (start.kind !== 'word' && start.kind !== 'quoted') throw p.fail();
  p.next();
  let word = start.value;
  if (p.isOperator('.') && /^(sys|dbo)$/i.test(word)) {
    p.next();
    word = p.next().value;
  }
  let name = word.toUpperCase();
  if (name === 'NATIONAL') {
    name = `N${p.expect('CHAR', 'CHARACTER', 'TEXT').keyword.replace('CHARACTER', 'CHAR')}`;
  }
  if ((name === 'CHAR' || name === 'CHARACTER' || name === 'NCHAR') && p.accept('VARYING')) {
    name = name === 'NCHAR' ? 'NVARCHAR' : 'VARCHAR';
  }
  if (name === 'BINARY' && p.accept('VARYING')) name = 'VARBINARY';
  if (name === 'DOUBLE') {
    p.expect('PRECISION');
    return { name: 'float' };
  }

  const simple = SIMPLE[name];
  if (simple !== undefined) {
    if (p.isOperator('(')) {
      throw error(
        2716,
        `Column, parameter, or variable #1: Cannot specify a column width on data type ${word}.`,
        start.line,
      );
    }
    return { name: simple };
  }
  const sized = SIZED[name];
  if (sized !== undefined) {
    if (!p.acceptOperator('(')) return { name: sized.name, length: defaultLength };
    if (sized.canBeMax && p.accept('MAX')) {
      p.expectOperator(')');
      return { name: sized.name, length: -1 };
    }
    const length = integer(p);
    p.expectOperator(')');
    if (length === 0) {
      throw error(1001, `Line ${start.line}: Length or precision specification 0 is invalid.`, start.line);
    }
    if (length > sized.max) {
      throw error(
        131,
        `The size (${length}) given to the type '${sized.name}' exceeds the maximum allowed for any data type (${sized.max}).`,
        start.line,
      );
    }
    return { name: sized.name, length };
  }
  if (name === 'DECIMAL' || name === 'NUMERIC' || name === 'DEC') return decimalType(p, name, start.line);
  if (name === 'FLOAT') {
    if (!p.acceptOperator('(')) return { name: 'float' };
    const bits = integer(p);
    p.expectOperator(')');
    if (bits < 1 || bits > 53) {
      throw error(
        2750,
        `Column or parameter #1: Specified column precision ${bits} is greater than the maximum precision of 53.`,
        start.line,
      );
    }
    return { name: bits <= 24 ? 'real' : 'float' };
  }
  if (name === 'TIME' || name === 'DATETIME2' || name === 'DATETIMEOFFSET') {
    const type = name.toLowerCase() as SqlTypeName;
    if (!p.acceptOperator('(')) return { name: type, scale: 7 };
    const scale = integer(p);
    p.expectOperator(')');
    if (scale > 7) throw error(1002, `Line ${start.line}: Specified scale ${scale} is invalid.`, start.line);
    return { name: type, scale };
  }
  if (KNOWN_ELSEWHERE.has(name)) throw unsupported(`data type ${word}`, start.line);
  throw new SqlError({
    number: 2715,
    class: 16,
    state: 6,
    text: `Column, parameter, or variable #1: Cannot find data type ${word}.`,
    line: start.line,
  });
}

function decimalType(p: Parser, name: string, line: number): SqlType {
  const type: SqlTypeName = name === 'NUMERIC' ? 'numeric' : 'decimal';
  if (!p.acceptOperator('(')) return { name: type, precision: 18, scale: 0 };
  const precision = integer(p);
  const scale = p.acceptOperator(',') ? integer(p) : 0;
  p.expectOperator(')');
  if (precision < 1 || precision > 38) {
    throw error(
      2750,
      `Column or parameter #1: Specified column precision ${precision} is greater than the maximum precision of 38.`,
      line,
    );
  }
  if (scale > precision) {
    throw error(192, `The scale must be less than or equal to the precision.`, line);
  }
  return { name: type, precision, scale };
}

function integer(p: Parser): number {
  if (p.token.kind !== 'number' || !/^\d+$/.test(p.token.text)) throw p.fail();
  return Number(p.next().text);
}

function error(number: number, text: string, line: number): SqlError {
  return new SqlError({ number, class: number >= 2000 ? 16 : 15, state: 1, text, line });
}
