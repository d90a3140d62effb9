/**
 * SQL_Latin1_General_CP1_CI_AS: case does not count, accents do, trailing spaces do not. Orders punctuation before
 * digits before letters, letters alphabetically with accented forms after the plain one.
 *
 * unknown: the order among punctuation characters of sort order 52; code points decide here.
 */

/** Two strings are equal exactly when their keys are. */
export function collationKey(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end -= 1;
  const trimmed = end === text.length ? text : text.slice(0, end);
  return trimmed.toUpperCase();
}

export function equalStrings(a: string, b: string): boolean {
  return a === b || collationKey(a) === collationKey(b);
}

export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const x = collationKey(a);
  const y = collationKey(b);
  if (x === y) return 0;
  const length = Math.min(x.length, y.length);
  let accent = 0;
  for (let i = 0; i < length; i += 1) {
    const p = x.charCodeAt(i);
    const q = y.charCodeAt(i);
    if (p === q) continue;
    const difference = weight(p) - weight(q);
    if (difference !== 0) return difference < 0 ? -1 : 1;
    if (accent === 0) accent = p - q;
  }
  // The shorter string continues with spaces: 'a' before 'a!' but after 'a' + control character.
  if (x.length !== y.length) {
    const [rest, sign] = x.length > y.length ? [x.charCodeAt(length), 1] : [y.charCodeAt(length), -1];
    return rest < 32 ? -sign : sign;
  }
  return accent < 0 ? -1 : 1;
}

const BASE = new Map<number, number>();

function weight(code: number): number {
  if (code < 128) return asciiWeight(code);
  const known = BASE.get(code);
  if (known !== undefined) return known;
  const base = String.fromCharCode(code).normalize('NFD').charCodeAt(0);
  const result = base < 128 ? asciiWeight(base) : 0x40000 + code;
  BASE.set(code, result);
  return result;
}

function asciiWeight(code: number): number {
  if (code >= 48 && code <= 57) return 0x10000 + code;
  if (code >= 65 && code <= 90) return 0x20000 + code;
  return code;
}

/** Characters that code page 1252 has above 0x7F where it differs from Latin-1. */
const CP1252 = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'.split(''));

/** What nvarchar loses on its way to varchar: everything outside of code page 1252 becomes a question mark. */
export function toCodePage(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  let result = '';
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charAt(i);
    const code = text.charCodeAt(i);
    result += code < 0x80 || (code >= 0xa0 && code <= 0xff) || CP1252.has(c) ? c : '?';
  }
  return result;
}
