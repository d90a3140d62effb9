import { z } from 'zod';
import { instanceNamePattern } from '../workflows/domain/request.ts';
import { group } from './config-groups.ts';
import type { SettingsProblem } from './config-issues.ts';
import { kubernetes, kubernetesInstance, kubernetesStore } from './config-kubernetes.ts';
import { integer, must, port, section, text, tls } from './config-parts.ts';
import { retention } from './config-retention.ts';
import { schedules } from './config-schedules.ts';

const portRange = 'a range of ports from low to high such as 14400-14499';
const name = z
  .string()
  .regex(instanceNamePattern, must('a name of lower-case letters, digits and -, at most 53, such as mssql-rt'));

/** The value is never repeated in the message: it may be the secret itself. */
const secretText = 'must say where the secret is, not what it is: { env: NAME } or { file: path }';
const hidden = z.string({ error: secretText }).min(1, { error: secretText }).optional();
const secret = z
  .strictObject({ file: hidden, env: hidden }, section(secretText))
  .refine(({ file, env }) => (file === undefined) !== (env === undefined), { error: secretText });

const localStore = z.strictObject(
  { platform: z.literal('local'), path: text('the folder of the store, such as .data/backup-store') },
  section('must be a section such as { path: .data/backup-store }'),
);

const newInstance = z.strictObject(
  {
    command: z
      .array(text('a text'), must('a list: the program, then its arguments'))
      .min(1, must('a list: the program, then its arguments')),
    dataRoot: text('a folder with {name} in it, such as .data/{name}'),
    ports: z
      .string(must(portRange))
      .regex(/^\d{1,5}-\d{1,5}$/, must(portRange))
      .refine((value) => {
        const [low, high] = splitPorts(value);
        return low >= 1 && low <= high && high <= 65_535;
      }, must(portRange)),
  },
  section('must be a section with command, dataRoot and ports'),
);

const localInstance = z.strictObject(
  {
    platform: z.literal('local'),
    host: text('a host name or address such as 127.0.0.1'),
    port: port.default(1433),
    login: z.strictObject(
      { user: text('the name of a SQL login'), password: secret },
      section('must be a section with user and password'),
    ),
    tls,
    dataRoot: text('the folder that the server sees as /var/opt/mssql'),
    store: text('the name of a store'),
    newInstance: newInstance.optional(),
    schedules: schedules.optional(),
    retention: retention.optional(),
  },
  section('must be a section with host, login, dataRoot and store'),
);

const platform = must('local or kubernetes');
const wrongPlatform = {
  error: (issue: { readonly code?: string; readonly input?: unknown }) =>
    issue.code === 'invalid_union' ? platform.error({ input: platformOf(issue.input) }) : undefined,
};
const store = z.preprocess(
  onSomePlatform,
  z.discriminatedUnion('platform', [localStore, kubernetesStore], wrongPlatform),
);
const instance = z.preprocess(
  onSomePlatform,
  z.discriminatedUnion('platform', [localInstance, kubernetesInstance], wrongPlatform),
);

const atOnce = integer('a whole number from 1 to 64', 1, 64);
const schema = z.strictObject(
  {
    taskQueue: text('the name of a task queue').default('mssql-pitr'),
    limits: z
      .strictObject(
        {
          backupsAtOnce: atOnce.default(4),
          restoresAtOnce: atOnce.default(4),
          logsPerSlice: integer('a whole number from 1 to 1000', 1, 1000).default(100),
          activitiesAtOnce: integer('a whole number from 2 to 1000', 2, 1000).optional(),
          activitiesPerSecond: integer('a whole number from 1 to 10000', 1, 10_000).optional(),
          mendsPerRun: integer('a whole number from 1 to 10000', 1, 10_000).default(20),
        },
        section('must be a section such as { backupsAtOnce: 4 }'),
      )
      .prefault({}),
    stores: z.record(name, store, section('must be a section of stores by name')),
    instances: z.record(name, instance, section('must be a section of instances by name')),
    retention: retention.optional(),
    groups: z.record(name, group, section('must be a section of groups by name')).optional(),
    kubernetes: kubernetes.optional(),
  },
  section('must be sections: stores, instances, and if you like taskQueue, limits, retention, groups and kubernetes'),
);

function platformOf(raw: unknown): unknown {
  return (raw as { readonly platform?: unknown }).platform;
}

/** `local` where nothing is said. */
function onSomePlatform(raw: unknown): unknown {
  const isSection = typeof raw === 'object' && raw !== null && !Array.isArray(raw);
  return isSection && !('platform' in raw) ? { platform: 'local', ...raw } : raw;
}

export type RawSettings = z.output<typeof schema>;

export function splitPorts(range: string): [number, number] {
  const [low, high] = range.split('-');
  return [Number(low), Number(high)];
}

export function checkShape(
  raw: unknown,
): { readonly ok: true; readonly value: RawSettings } | { readonly ok: false; readonly problems: SettingsProblem[] } {
  const result = schema.safeParse(raw ?? undefined);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: result.error.issues.flatMap((issue) => problemsOf(issue, raw)) };
}

function problemsOf(issue: z.core.$ZodIssue, raw: unknown): SettingsProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const problem = `is not a key here; ${knownKeys(issue.path, raw)}`;
    return issue.keys.map((key) => ({ path: [...issue.path, key], problem }));
  }
  const problem = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ path: issue.path, problem }];
}

/** Follows the path through the schema, and through the file beside it, which decides where the schema forks. */
function knownKeys(path: readonly PropertyKey[], raw: unknown): string {
  let type: z.core.$ZodType | undefined = unwrap(schema, raw);
  let value = raw;
  for (const step of path) {
    value = (value as Record<PropertyKey, unknown>)[step];
    type = type && unwrap(below(type, step), value);
  }
  return type instanceof z.ZodObject ? `known are ${Object.keys(type.shape).join(', ')}` : 'remove it';
}

function below(type: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  if (type instanceof z.ZodObject) return (type.shape as Record<PropertyKey, z.core.$ZodType>)[step];
  return type instanceof z.ZodRecord ? type.valueType : undefined;
}

function unwrap(type: z.core.$ZodType | undefined, raw: unknown): z.core.$ZodType | undefined {
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodPrefault) {
    return unwrap(type.unwrap(), raw);
  }
  if (type instanceof z.ZodPipe) return unwrap(type.out, raw);
  if (!(type instanceof z.ZodDiscriminatedUnion)) return type;
  return type.options[platformOf(raw) === 'kubernetes' ? 1 : 0];
}
