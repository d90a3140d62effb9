import { z } from 'zod';
import { instanceNamePattern } from '../workflows/domain/request.ts';
import type { SettingsProblem } from './config-issues.ts';

/** Error texts of one key: the same sentence whether the value is missing or wrong. */
function must(what: string): { error: (issue: { readonly input?: unknown }) => string } {
  return {
    error: ({ input }) =>
      input === undefined ? `is missing; it must be ${what}` : `must be ${what}, not ${JSON.stringify(input)}`,
  };
}

const text = (what: string) => z.string(must(what)).min(1, must(what));
const integer = (what: string, low: number, high: number) =>
  z.int(must(what)).min(low, must(what)).max(high, must(what));
const flag = () => z.boolean(must('true or false'));
const section = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => (input === undefined ? `is missing; ${what}` : what),
});

const port = integer('a port from 1 to 65535', 1, 65_535);
const portRange = 'a range of ports from low to high such as 14400-14499';
const name = z
  .string()
  .regex(instanceNamePattern, must('a name of lower-case letters, digits and -, at most 53, such as mssql-rt'));
const platform = z.literal('local', must('local, the one platform there is')).default('local');

/** The value is never repeated in the message: it may be the secret itself. */
const secretText = 'must say where the secret is, not what it is: { env: NAME } or { file: path }';
const hidden = z.string({ error: secretText }).min(1, { error: secretText }).optional();
const secret = z
  .strictObject({ file: hidden, env: hidden }, section(secretText))
  .refine(({ file, env }) => (file === undefined) !== (env === undefined), { error: secretText });

const store = z.strictObject(
  { platform, path: text('the folder of the store, such as .data/backup-store') },
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

const instance = z.strictObject(
  {
    platform,
    host: text('a host name or address such as 127.0.0.1'),
    port: port.default(1433),
    login: z.strictObject(
      { user: text('the name of a SQL login'), password: secret },
      section('must be a section with user and password'),
    ),
    tls: z
      .strictObject(
        {
          encrypt: flag().default(true),
          trustServerCertificate: flag().default(false),
          caFile: text('the path of a PEM file').optional(),
        },
        section('must be a section such as { encrypt: true, trustServerCertificate: false }'),
      )
      .prefault({}),
    dataRoot: text('the folder that the server sees as /var/opt/mssql'),
    store: text('the name of a store'),
    newInstance: newInstance.optional(),
  },
  section('must be a section with host, login, dataRoot and store'),
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
        },
        section('must be a section such as { backupsAtOnce: 4 }'),
      )
      .prefault({}),
    stores: z.record(name, store, section('must be a section of stores by name')),
    instances: z.record(name, instance, section('must be a section of instances by name')),
  },
  section('must be sections: stores, instances, and if you like taskQueue and limits'),
);

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
  return { ok: false, problems: result.error.issues.flatMap(problemsOf) };
}

function problemsOf(issue: z.core.$ZodIssue): SettingsProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const problem = `is not a key here; ${knownKeys(issue.path)}`;
    return issue.keys.map((key) => ({ path: [...issue.path, key], problem }));
  }
  const problem = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ path: issue.path, problem }];
}

function knownKeys(path: readonly PropertyKey[]): string {
  let at: z.core.$ZodType | undefined = schema;
  for (const step of path) at = at && below(unwrap(at), step);
  const inner = at && unwrap(at);
  return inner instanceof z.ZodObject ? `known are ${Object.keys(inner.shape).join(', ')}` : 'remove it';
}

function below(type: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  if (type instanceof z.ZodObject) return (type.shape as Record<PropertyKey, z.core.$ZodType>)[step];
  return type instanceof z.ZodRecord ? type.valueType : undefined;
}

function unwrap(type: z.core.$ZodType): z.core.$ZodType {
  return type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodPrefault
    ? unwrap(type.unwrap())
    : type;
}
