import type { Decimal, SqlType } from '../../contracts.ts';
import type { Literal } from '../ast/expression.ts';
import type { Token } from '../token.ts';
import { syntaxError } from '../errors.ts';

/** Constants (Transact-SQL): the types constants get. */
export function toLiteral(token: Token): Literal {
  switch (token.kind) {
    case 'string':
      return stringLiteral(token.value, token.national);
    case 'number':
      return numberLiteral(token.text, token.line);
    case 'hex': {
      const digits = token.value.length % 2 === 1 ? `0${token.value}` : token.value;
      const bytes = Uint8Array.from(Buffer.from(digits, 'hex'));
      return literal({ name: 'varbinary', length: bytes.length > 8000 ? -1 : Math.max(bytes.length, 1) }, bytes);
    }
    case 'money':
      return literal({ name: 'money' }, rescaled(parseDigits(token.value === '' ? '0' : token.value), 4));
    default:
      throw syntaxError(102, `Incorrect syntax near '${token.text}'.`, token.line);
  }
}

export function stringLiteral(value: string, national: boolean): Literal {
  const limit = national ? 4000 : 8000;
  const length = value.length > limit ? -1 : Math.max(value.length, 1);
  return literal({ name: national ? 'nvarchar' : 'varchar', length }, value);
}

function numberLiteral(text: string, line: number): Literal {
  if (/[eE]/.test(text)) {
    const value = Number(/[eE][+-]?$/.test(text) ? text.replace(/[eE][+-]?$/, '') : text);
    if (!Number.isFinite(value)) {
      throw syntaxError(
        168,
        `The floating point value '${text}' is out of the range of computer representation (8 bytes).`,
        line,
      );
    }
    return literal({ name: 'float' }, value);
  }
  const decimal = parseDigits(text);
  if (decimal.scale === 0 && !text.includes('.') && decimal.unscaled <= 2147483647n) {
    return literal({ name: 'int' }, Number(decimal.unscaled));
  }
  const digits = decimal.unscaled.toString().length;
  const precision = Math.max(digits, decimal.scale, 1);
  if (precision > 38) {
    throw syntaxError(
      1007,
      `The number '${text}' is out of the range for numeric representation (maximum precision 38).`,
      line,
    );
  }
  return literal({ name: 'numeric', precision, scale: decimal.scale }, decimal);
}

function parseDigits(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  return { unscaled: BigInt(`${whole}${fraction}` || '0'), scale: fraction.length };
}

function rescaled(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return { unscaled: value.unscaled * 10n ** BigInt(scale - value.scale), scale };
  const divisor = 10n ** BigInt(value.scale - scale);
  return { unscaled: (value.unscaled + divisor / 2n) / divisor, scale };
}

function literal(type: SqlType, value: Literal['value']): Literal {
  return { kind: 'literal', type, value };
}
