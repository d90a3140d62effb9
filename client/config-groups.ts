import { z } from 'zod';
import {
  scheduleKinds,
  type DeclaredSchedules,
  type ScheduleDeclaration,
  type ScheduleKind,
} from '../workflows/domain/schedule.ts';
import type { SettingsProblem } from './config-issues.ts';
import { must, section, text } from './config-parts.ts';
import { schedules, toDeclaration, type RawSchedules } from './config-schedules.ts';

const members = 'a list of names of instances, or all';

/** Instances that share what is declared once. */
export const group = z.strictObject(
  {
    instances: z.union(
      [z.literal('all'), z.array(text('the name of an instance')).min(1, must(members))],
      must(members),
    ),
    schedules: schedules.optional(),
  },
  section('must be a section such as { instances: [mssql-rt], schedules: { log: every 1m } }'),
);

type RawGroups = Readonly<Record<string, z.output<typeof group>>>;
type RawInstances = Readonly<Record<string, { readonly schedules?: RawSchedules | undefined }>>;

/** Group by group, and last what an instance says for itself, kind by kind. Empty when nothing is declared. */
export function toSchedules(groups: RawGroups, instances: RawInstances): DeclaredSchedules {
  const all = Object.entries(instances).map(([name, own]) => {
    const sources = [
      ...Object.values(groups).filter((each) => each.instances === 'all' || each.instances.includes(name)),
      own,
    ];
    const found: Partial<Record<ScheduleKind, ScheduleDeclaration>> = {};
    for (const source of sources) {
      for (const kind of scheduleKinds) {
        const raw = source.schedules?.[kind];
        if (raw === undefined) continue;
        const declaration = toDeclaration(raw);
        if (declaration === null) delete found[kind];
        else found[kind] = declaration;
      }
    }
    return [name, found] as const;
  });
  return Object.fromEntries(all.filter(([, found]) => Object.keys(found).length > 0));
}

/** Works on the file as it was read: see {@link file://./config-references.ts}. */
export function checkGroups(
  groups: Readonly<Record<string, unknown>>,
  instances: readonly string[],
): SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  const declared = new Map<string, string>();
  for (const [name, raw] of Object.entries(groups)) {
    const listed = value(raw, 'instances');
    const names: readonly unknown[] = listed === 'all' ? instances : Array.isArray(listed) ? listed : [];
    for (const [i, member] of names.entries()) {
      if (typeof member !== 'string' || instances.includes(member)) continue;
      const problem = `names ${JSON.stringify(member)}, which is not under instances`;
      problems.push({ path: ['groups', name, 'instances', i], problem });
    }
    for (const kind of Object.keys(value(raw, 'schedules') ?? {})) {
      const twins = new Map<string, string>();
      for (const member of new Set(names)) {
        const key = JSON.stringify([member, kind]);
        const before = declared.get(key);
        if (before === undefined) declared.set(key, name);
        else if (!twins.has(before)) twins.set(before, String(member));
      }
      for (const [before, member] of twins) {
        const problem = `is declared for ${member} by the group ${before} already; an instance can be in both, but not for the same kind`;
        problems.push({ path: ['groups', name, 'schedules', kind], problem });
      }
    }
  }
  return problems;
}

function value(raw: unknown, key: string): unknown {
  return typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>)[key] : undefined;
}
