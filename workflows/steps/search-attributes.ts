import type { SearchAttributePair } from '@temporalio/common';
import { SqlDatabase, SqlInstance, BackupKind, RestorePoint } from '../search-attributes.ts';
import { parseTargetTime, type BackupRequest, type RestoreRequest } from '../domain/request.ts';

/** A visibility record is no catalogue: a handful of names is enough to find a run by. */
const shownDatabases = 20;

export function backupAttributes(request: BackupRequest): SearchAttributePair[] {
  return [
    { key: SqlInstance, value: request.instance },
    { key: BackupKind, value: request.kind },
    ...databases(request.databases),
  ];
}

export function restoreAttributes(request: RestoreRequest): SearchAttributePair[] {
  const target = parseTargetTime(request.to);
  return [
    { key: SqlInstance, value: request.source },
    ...(typeof target === 'number' ? [{ key: RestorePoint, value: new Date(target) }] : []),
    ...databases(request.databases),
  ];
}

export function instanceAttributes(instance: string, names?: readonly string[]): SearchAttributePair[] {
  return [{ key: SqlInstance, value: instance }, ...databases(names)];
}

function databases(names: readonly string[] | undefined): SearchAttributePair[] {
  return names === undefined ? [] : [{ key: SqlDatabase, value: names.slice(0, shownDatabases) }];
}
