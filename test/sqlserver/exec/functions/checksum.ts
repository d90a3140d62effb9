import type { Compiled } from '../expression/compiled.ts';
import { hasher } from '../types/compare.ts';
import { INT } from '../types/sqltype.ts';

/**
 * CHECKSUM: equal arguments give equal numbers, which is all that callers may rely on.
 * unknown: the server's own polynomial; the values differ from it.
 */
export function compileChecksum(args: readonly Compiled[]): Compiled {
  const hashers = args.map((arg) => hasher(arg.type));
  return {
    type: INT,
    nullable: false,
    evaluate: (row, run) => {
      let sum = 0x811c9dc5;
      args.forEach((arg, i) => {
        const text = String(hashers[i]?.(arg.evaluate(row, run)) ?? '\0');
        for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
        sum = Math.imul(sum ^ 0x1f, 0x01000193);
      });
      return sum | 0;
    },
  };
}
