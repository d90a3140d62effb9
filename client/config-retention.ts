import { z } from 'zod';
import type { RetentionPolicy } from '../workflows/domain/retention.ts';
import { parseDuration } from '../workflows/domain/schedule-duration.ts';
import { integer, must, section } from './config-parts.ts';

const windowText = 'a time such as 14d or 36h: every moment back to then stays restorable';
const minFullsText = 'a whole number from 1 to 100: so many full backups stay, however old they are';
const defaultMinFulls = 2;

/** `off`, or what is said; what is not said here is taken from the section of the whole file. */
export const retention = z.preprocess(
  (raw) => (raw === 'off' || raw === false ? { off: true } : raw),
  z.strictObject(
    {
      window: z
        .string(must(windowText))
        .refine((value) => (parseDuration(value) ?? 0) > 0, must(windowText))
        .transform((value) => parseDuration(value) ?? 0)
        .optional(),
      minFulls: integer(minFullsText, 1, 100).optional(),
      off: z.literal(true).optional(),
    },
    section('must be a section such as { window: 14d, minFulls: 2 }, or off'),
  ),
);

export type RawRetention = z.output<typeof retention>;

type RawInstances = Readonly<Record<string, { readonly retention?: RawRetention | undefined }>>;

/** The policy of every instance that has one. A file that says nothing of a window has nothing removed. */
export function toRetention(
  whole: RawRetention | undefined,
  instances: RawInstances,
): Readonly<Record<string, RetentionPolicy>> {
  const policies = Object.entries(instances).flatMap(([name, { retention: own }]) => {
    if (own?.off || (own === undefined && whole?.off)) return [];
    const windowMs = own?.window ?? whole?.window;
    const minFulls = own?.minFulls ?? whole?.minFulls ?? defaultMinFulls;
    return windowMs === undefined ? [] : [[name, { windowMs, minFulls }] as const];
  });
  return Object.fromEntries(policies);
}
