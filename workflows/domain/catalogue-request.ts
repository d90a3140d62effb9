import type { BackupKind } from './backup-set.ts';
import { checkDatabases, checkName, isRecord, parseTargetTime, unknownKeys, type Issue } from './request.ts';

/** Input of the workflow `restorableWindow`. */
export interface WindowRequest {
  /** Name in temporal.yaml. */
  readonly instance: string;
  /** All of which the store holds anything when absent. */
  readonly databases?: readonly string[];
  /** Only databases whose names come after this one: `next` of the page before. */
  readonly after?: string;
}

/** Input of the workflow `listBackups`. */
export interface BackupsRequest {
  readonly instance: string;
  readonly databases?: readonly string[];
  readonly kind?: BackupKind;
  /** ISO 8601 with a zone: only backups that were finished at or after it. */
  readonly since?: string;
  /** At most so many, the newest; fewer come when they would be too large for one answer. Default 100. */
  readonly limit?: number;
  /** Only backups that come after this one: `next` of the page before. */
  readonly after?: { readonly startedAt: string; readonly manifest: string };
}

/** Problems of a window request; empty when it can be tried. */
export function checkWindowRequest(request: WindowRequest): readonly Issue[] {
  if (!isRecord(request)) return [{ path: '', problem: 'must be an object such as {"instance":"mssql-rt"}' }];
  const issues = [
    ...unknownKeys(request, ['instance', 'databases', 'after']),
    ...checkName('instance', request.instance),
    ...checkDatabases(request.databases),
  ];
  const after: unknown = request.after;
  if (after !== undefined && typeof after !== 'string')
    issues.push({ path: 'after', problem: 'must be the name of a database' });
  return issues;
}

/** Problems of a request for backups; empty when it can be tried. */
export function checkBackupsRequest(request: BackupsRequest): readonly Issue[] {
  if (!isRecord(request)) return [{ path: '', problem: 'must be an object such as {"instance":"mssql-rt"}' }];
  const issues = [
    ...unknownKeys(request, ['instance', 'databases', 'kind', 'since', 'limit', 'after']),
    ...checkName('instance', request.instance),
    ...checkDatabases(request.databases),
  ];
  const { kind, since, limit, after } = request;
  if (kind !== undefined && !['full', 'differential', 'log'].includes(kind))
    issues.push({ path: 'kind', problem: `must be full, differential or log, not ${JSON.stringify(kind)}` });
  if (since !== undefined && !(typeof since === 'string' && typeof parseTargetTime(since) === 'number'))
    issues.push({ path: 'since', problem: 'must be ISO 8601 with a zone, e.g. 2026-02-10T06:54:34Z' });
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    issues.push({ path: 'limit', problem: 'must be a whole number above 0' });
  if (
    after !== undefined &&
    !(isRecord(after) && typeof after['startedAt'] === 'string' && typeof after['manifest'] === 'string')
  )
    issues.push({ path: 'after', problem: 'must be {startedAt, manifest}, as the page before gave it' });
  return issues;
}
