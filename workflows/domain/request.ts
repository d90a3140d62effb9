import type { BackupKind } from './backup-set.ts';

/** Input of the workflow `backupInstance`. */
export interface BackupRequest {
  /** Name in temporal.yaml. */
  readonly instance: string;
  readonly kind: BackupKind;
  /** All user databases when absent. */
  readonly databases?: readonly string[];
}

/** A query whose single value must equal the expectation on the restored database. */
export interface Validation {
  readonly database: string;
  readonly query: string;
  readonly expect: string | number | null;
}

/** Input of the workflow `restoreToPointInTime`. */
export interface RestoreRequest {
  /** Instance whose backups are restored. */
  readonly source: string;
  /** Instance that receives them; it is made when it does not exist. */
  readonly target: string;
  /** ISO 8601 with a zone, e.g. 2026-02-10T06:54:34Z, or `latest`. */
  readonly to: string;
  /** All databases of the source in the store when absent. */
  readonly databases?: readonly string[];
  /** Database → its name on the target. */
  readonly rename?: Readonly<Record<string, string>>;
  /** `plan` stops after planning and creates nothing. Default `restore`. */
  readonly mode?: 'plan' | 'restore';
  /** DBCC CHECKDB after recovery. Default false. */
  readonly checkDb?: boolean;
  readonly validations?: readonly Validation[];
  /** Re-link users without a login to the login of the same name. Default false. */
  readonly repairUsers?: boolean;
  /** Leave what was made in place when the restore fails or is cancelled. Default false. */
  readonly keep?: boolean;
}

export interface Issue {
  /** e.g. `databases[1]` */
  readonly path: string;
  readonly problem: string;
}

const isoWithZone = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads a restore target.
 * @returns epoch milliseconds, `latest`, or what is wrong with the text
 */
export function parseTargetTime(text: string): number | 'latest' | { readonly problem: string } {
  if (text === 'latest') return 'latest';
  if (!isoWithZone.test(text)) {
    const zoneless = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text);
    return {
      problem: zoneless
        ? `${JSON.stringify(text)} has no time zone; write Z for UTC or an offset, e.g. 2026-02-10T06:54:34Z`
        : `${JSON.stringify(text)} is not a time; write ISO 8601 with a zone, e.g. 2026-02-10T06:54:34Z, or "latest"`,
    };
  }
  const at = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  const onCalendar = !Number.isNaN(at) && Number(text.slice(8, 10)) <= daysInMonth(text);
  return onCalendar ? at : { problem: `${JSON.stringify(text)} is not a date of the calendar` };
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function daysInMonth(isoText: string): number {
  return new Date(Date.UTC(Number(isoText.slice(0, 4)), Number(isoText.slice(5, 7)), 0)).getUTCDate();
}

/** Problems of a backup request; empty when it can be tried. */
export function checkBackupRequest(request: BackupRequest): readonly Issue[] {
  if (!isRecord(request))
    return [{ path: '', problem: 'must be an object such as {"instance":"mssql-rt","kind":"log"}' }];
  const issues = [
    ...unknownKeys(request, ['instance', 'kind', 'databases']),
    ...checkName('instance', request.instance),
  ];
  if (!['full', 'differential', 'log'].includes(request.kind)) {
    issues.push({ path: 'kind', problem: `must be full, differential or log, not ${JSON.stringify(request.kind)}` });
  }
  return [...issues, ...checkDatabases(request.databases)];
}

/** Problems of a restore request that can be seen without asking anybody. `now` is epoch milliseconds. */
export function checkRestoreRequest(request: RestoreRequest, now: number): readonly Issue[] {
  if (!isRecord(request)) {
    return [
      { path: '', problem: 'must be an object such as {"source":"mssql-rt","target":"mssql-rt-target","to":"latest"}' },
    ];
  }
  const known = [
    'source',
    'target',
    'to',
    'databases',
    'rename',
    'mode',
    'checkDb',
    'validations',
    'repairUsers',
    'keep',
  ];
  const issues = [
    ...unknownKeys(request, known),
    ...checkName('source', request.source),
    ...checkName('target', request.target),
    ...checkDatabases(request.databases),
    ...checkRename(request.rename, request.databases),
    ...checkValidations(request.validations),
    ...checkNotInPlace(request),
  ];
  if (request.mode !== undefined && request.mode !== 'plan' && request.mode !== 'restore') {
    issues.push({ path: 'mode', problem: `must be plan or restore, not ${JSON.stringify(request.mode)}` });
  }
  for (const flag of ['checkDb', 'repairUsers', 'keep'] as const) {
    if (request[flag] !== undefined && typeof request[flag] !== 'boolean')
      issues.push({ path: flag, problem: 'must be true or false' });
  }
  if (typeof request.to !== 'string')
    return [...issues, { path: 'to', problem: 'is missing; write a time with a zone, or "latest"' }];
  const target = parseTargetTime(request.to);
  if (typeof target === 'object') issues.push({ path: 'to', problem: target.problem });
  else if (target !== 'latest' && target > now) {
    issues.push({
      path: 'to',
      problem: `${request.to} is in the future (now ${new Date(now).toISOString()}); use "latest"`,
    });
  }
  return issues;
}

export function issuesText(issues: readonly Issue[]): string {
  return issues.map((issue) => (issue.path ? `${issue.path} ${issue.problem}` : issue.problem)).join('; ');
}

/** A name that can be an instance: it becomes part of paths and object names, so nothing else is let through. */
export const instanceNamePattern = /^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$/;

export function checkName(path: string, value: unknown): Issue[] {
  if (typeof value === 'string' && instanceNamePattern.test(value)) return [];
  if (value === undefined) return [{ path, problem: 'is missing' }];
  return [
    {
      path,
      problem: `${JSON.stringify(value)} is not an instance name (lower-case letters, digits and -, at most 53)`,
    },
  ];
}

export function checkDatabases(databases: unknown): Issue[] {
  if (databases === undefined) return [];
  if (!Array.isArray(databases) || databases.length === 0)
    return [{ path: 'databases', problem: 'must be a list with at least one name; leave it out for all' }];
  return databases.flatMap((name, i) =>
    databases.indexOf(name) < i
      ? [{ path: `databases[${i}]`, problem: `names ${JSON.stringify(name)} a second time` }]
      : checkDatabaseName(`databases[${i}]`, name),
  );
}

function checkDatabaseName(path: string, name: unknown): Issue[] {
  return typeof name === 'string' && name.length > 0 && name.length <= 128
    ? []
    : [{ path, problem: 'must be a database name of 1 to 128 characters' }];
}

function checkRename(rename: unknown, databases: unknown): Issue[] {
  if (rename === undefined) return [];
  if (!isRecord(rename))
    return [{ path: 'rename', problem: 'must be an object of names, e.g. {"db2":"db2_restored"}' }];
  const taken = new Set<unknown>();
  return Object.entries(rename).flatMap(([from, to]) => {
    const path = `rename.${from}`;
    const issues = checkDatabaseName(path, to);
    if (taken.has(to)) issues.push({ path, problem: `gives the name ${JSON.stringify(to)} a second time` });
    taken.add(to);
    if (Array.isArray(databases) && !databases.some((name) => String(name).toLowerCase() === from.toLowerCase()))
      issues.push({ path, problem: 'renames a database that is not in databases' });
    return issues;
  });
}

/** Onto the source itself only under other names. */
function checkNotInPlace({ source, target, databases, rename }: RestoreRequest): Issue[] {
  if (source !== target || source === undefined) return [];
  const renamed = Array.isArray(databases) && databases.every((name: string) => (rename?.[name] ?? name) !== name);
  const problem =
    'is the source itself, and a restore is never done in place; name another target instance, or name the databases and give each another name (rename)';
  return renamed ? [] : [{ path: 'target', problem }];
}

function checkValidations(validations: unknown): Issue[] {
  if (validations === undefined) return [];
  if (!Array.isArray(validations))
    return [{ path: 'validations', problem: 'must be a list of {database, query, expect}' }];
  return validations.flatMap((item: unknown, i) => {
    const path = `validations[${i}]`;
    if (!isRecord(item)) return [{ path, problem: 'must be {database, query, expect}' }];
    const issues = checkDatabaseName(`${path}.database`, item['database']);
    if (typeof item['query'] !== 'string' || item['query'] === '')
      issues.push({ path: `${path}.query`, problem: 'is missing' });
    const expect = item['expect'];
    if (expect !== null && typeof expect !== 'string' && typeof expect !== 'number') {
      issues.push({ path: `${path}.expect`, problem: 'must be a text, a number or null' });
    }
    return issues;
  });
}

export function unknownKeys(request: object, known: readonly string[]): Issue[] {
  return Object.keys(request)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: key, problem: `is not known here; known are ${known.join(', ')}` }));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
