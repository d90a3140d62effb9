import { z } from 'zod';

/** Error texts of one key: the same sentence whether the value is missing or wrong. */
export function must(what: string): { error: (issue: { readonly input?: unknown }) => string } {
  return {
    error: ({ input }) =>
      input === undefined ? `is missing; it must be ${what}` : `must be ${what}, not ${JSON.stringify(input)}`,
  };
}

export const text = (what: string) => z.string(must(what)).min(1, must(what));
export const integer = (what: string, low: number, high: number) =>
  z.int(must(what)).min(low, must(what)).max(high, must(what));
export const flag = () => z.boolean(must('true or false'));
export const section = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => (input === undefined ? `is missing; ${what}` : what),
});

export const port = integer('a port from 1 to 65535', 1, 65_535);

export const tls = z
  .strictObject(
    {
      encrypt: flag().default(true),
      trustServerCertificate: flag().default(false),
      caFile: text('the path of a PEM file').optional(),
    },
    section('must be a section such as { encrypt: true, trustServerCertificate: false }'),
  )
  .prefault({});
