/** Whether the first bracket closes at the very end: `(1)+(2)` is not in brackets. Quoted text is passed over. */
function isBracketed(text: string): boolean {
  if (!text.startsWith('(') || !text.endsWith(')')) return false;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/'(?:[^']|'')*'|[()]/g)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth === 0) return index === text.length - 1;
  }
  return false;
}

/** The catalog keeps expressions in brackets. unknown: how else it normalises their text. */
export function bracketed(text: string): string {
  const trimmed = text.trim();
  return isBracketed(trimmed) ? trimmed : `(${trimmed})`;
}
