import { z } from 'zod';
import { integer, must, port, section, text, tls } from './config-parts.ts';
import { retention } from './config-retention.ts';
import { schedules } from './config-schedules.ts';

/** Names of objects: RFC 1123 subdomains; those that become labels or host names are single labels. */
const label = (what: string) =>
  z.string(must(what)).regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, must(`${what}: lower-case letters, digits and -`));
const objectName = (what: string) =>
  z
    .string(must(what))
    .max(253, must(what))
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, must(`${what}: lower-case letters, digits, - and .`));

const namespace = label('the name of a namespace');
const claim = objectName('the name of a PersistentVolumeClaim');

/** The value is never repeated in the message: it may be the secret itself. */
const secretText =
  'must say where the secret is, not what it is: { env: NAME }, { file: path } or { secret: { name: NAME, key: KEY } }';
const hidden = z.string({ error: secretText }).min(1, { error: secretText });
const secret = z
  .strictObject(
    {
      file: hidden.optional(),
      env: hidden.optional(),
      secret: z.strictObject({ name: hidden, key: hidden }, { error: secretText }).optional(),
    },
    { error: secretText },
  )
  .refine(({ file, env, secret }) => [file, env, secret].filter((place) => place !== undefined).length === 1, {
    error: secretText,
  });

export const kubernetesStore = z.strictObject(
  { platform: z.literal('kubernetes'), namespace, claim },
  section('must be a section such as { platform: kubernetes, namespace: databases, claim: backup-store }'),
);

export const kubernetesInstance = z.strictObject(
  {
    platform: z.literal('kubernetes'),
    namespace,
    statefulSet: label('the name of a StatefulSet').optional(),
    service: label('the name of a Service').optional(),
    port: port.default(1433),
    dataClaim: claim.optional(),
    login: z.strictObject(
      { user: text('the name of a SQL login'), password: secret },
      section('must be a section with user and password'),
    ),
    tls,
    store: text('the name of a store'),
    schedules: schedules.optional(),
    retention: retention.optional(),
  },
  section('must be a section with namespace, login and store'),
);

const quantity = z
  .string(must('a quantity between quotes, such as "500m" or "512Mi"'))
  .regex(/^\d+(\.\d+)?(m|[kMGTPE]|[KMGTPE]i)?$/, must('a quantity such as "500m" or "512Mi"'));
const quantities = z.partialRecord(
  z.enum(['cpu', 'memory', 'ephemeral-storage'], must('cpu, memory or ephemeral-storage')),
  quantity,
  section('must be a section such as { memory: 512Mi }'),
);
const day = 24 * 60 * 60;

/** How executors run. */
export const kubernetes = z.strictObject(
  {
    executorImage: text('the name of an image').optional(),
    executorServiceAccount: objectName('the name of a ServiceAccount').optional(),
    imagePullSecrets: z
      .array(objectName('the name of a Secret'), section('must be a list of names of Secrets'))
      .default([]),
    jobDeadlineSeconds: integer('a whole number of seconds from 10 to 1209600 (two weeks)', 10, 14 * day).default(day),
    keepJobsSeconds: integer('a whole number of seconds from 0 to 1209600 (two weeks)', 0, 14 * day).default(0),
    resources: z
      .strictObject(
        {
          requests: quantities.default({ cpu: '50m', memory: '128Mi' }),
          limits: quantities.default({ memory: '512Mi' }),
        },
        section('must be a section with requests and limits'),
      )
      .prefault({}),
  },
  section('must be a section such as { executorImage: mssql-pitr:1 }'),
);
