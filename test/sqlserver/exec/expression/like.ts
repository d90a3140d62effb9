import { sqlError } from '../types/errors.ts';
import { isNational, isString, nvarchar } from '../types/sqltype.ts';
import { convertTo } from './arithmetic.ts';
import type { Compiled, Test } from './compiled.ts';

/** LIKE (Transact-SQL): %, _, [set], [^set], ESCAPE. */
export function compileLike(operand: Compiled, pattern: Compiled, escape: Compiled | undefined): Test {
  const text = isString(operand.type) ? operand : convertTo(operand, nvarchar(-1));
  const form = isString(pattern.type) ? pattern : convertTo(pattern, nvarchar(-1));
  const padded = !isNational(operand.type) && !isNational(pattern.type);
  const cache = new Map<string, RegExp>();
  return (row, run) => {
    const value = text.evaluate(row, run);
    const like = form.evaluate(row, run);
    const mark = escape === undefined ? '' : escape.evaluate(row, run);
    if (value === null || like === null || mark === null) return null;
    const key = `${mark as string}\0${like as string}`;
    let expression = cache.get(key);
    if (expression === undefined) {
      expression = likeToRegExp(like as string, mark as string, padded);
      if (cache.size > 100) cache.clear();
      cache.set(key, expression);
    }
    return expression.test(value as string);
  };
}

/** `padded`: trailing blanks of a non-Unicode value do not count. */
export function likeToRegExp(pattern: string, escape: string, padded: boolean): RegExp {
  if (escape.length > 1)
    throw sqlError(506, 16, 1, `The invalid escape character "${escape}" was specified in a LIKE predicate.`);
  return new RegExp(`^${patternSource(pattern, escape)}${padded ? ' *' : ''}$`, 'isu');
}

export function patternSource(pattern: string, escape = ''): string {
  let source = '';
  for (let i = 0; i < pattern.length; i += 1) {
    const c = pattern.charAt(i);
    if (escape !== '' && c === escape) {
      i += 1;
      source += quote(pattern.charAt(i));
    } else if (c === '%') {
      source += '.*';
    } else if (c === '_') {
      source += '.';
    } else if (c === '[') {
      const set = bracketSet(pattern, i, escape);
      if (set === undefined) return '(?!)';
      source += set.source;
      i = set.end;
    } else {
      source += quote(c);
    }
  }
  return source;
}

function bracketSet(pattern: string, start: number, escape: string): { source: string; end: number } | undefined {
  let i = start + 1;
  const negated = pattern.charAt(i) === '^';
  if (negated) i += 1;
  let body = '';
  // A ] right after the bracket is an ordinary member.
  let first = true;
  for (; i < pattern.length; i += 1) {
    const c = pattern.charAt(i);
    if (c === ']' && !first) return { source: `[${negated ? '^' : ''}${body}]`, end: i };
    first = false;
    if (escape !== '' && c === escape) {
      i += 1;
      body += quoteInSet(pattern.charAt(i));
    } else if (c === '-' && body !== '' && pattern.charAt(i + 1) !== ']') {
      body += '-';
    } else {
      body += quoteInSet(c);
    }
  }
  return undefined;
}

function quote(c: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c;
}

function quoteInSet(c: string): string {
  return /[\\^\]\-[]/.test(c) ? `\\${c}` : c;
}
