/** A LIKE pattern of the catalog procedures: %, _ and [set], without case; undefined matches everything. */
export function likePattern(pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined) return () => true;
  const source = pattern.replace(/\[(\^?[^\]]*)\]|[%_]|[.*+?^${}()|\\[\]]/g, (part, set: string | undefined) => {
    if (part === '%') return '.*';
    if (part === '_') return '.';
    return set === undefined ? `\\${part}` : `[${set.replace(/[\\[]/g, '\\$&')}]`;
  });
  const expression = new RegExp(`^${source}$`, 'is');
  return (text) => expression.test(text);
}
