import { checkDatabases, checkName, isRecord, parseTargetTime, unknownKeys, type Issue } from './request.ts';

/** Input of the workflow `applyRetention`. */
export interface RetentionRequest {
  /** Name in temporal.yaml, where its policy stands. */
  readonly instance: string;
  /** All databases in the store when absent. */
  readonly databases?: readonly string[];
  /** `plan` says what would be removed, and removes nothing. Default `apply`. */
  readonly mode?: 'plan' | 'apply';
}

/** Input of the workflow `changeHolds`. */
export type HoldRequest =
  | {
      readonly action: 'hold';
      readonly instance: string;
      readonly database: string;
      /** The moment that must stay restorable: ISO 8601 with a zone; this or `set`. */
      readonly at?: string;
      /** Id of a backup set. */
      readonly set?: string;
      readonly reason: string;
    }
  | { readonly action: 'list'; readonly instance: string }
  | { readonly action: 'release'; readonly instance: string; readonly id: string };

export function checkRetentionRequest(request: RetentionRequest): readonly Issue[] {
  if (!isRecord(request)) return [{ path: '', problem: 'must be an object such as {"instance":"mssql-rt"}' }];
  const issues = [
    ...unknownKeys(request, ['instance', 'databases', 'mode']),
    ...checkName('instance', request.instance),
    ...checkDatabases(request.databases),
  ];
  const known = request.mode === undefined || ['plan', 'apply'].includes(request.mode);
  return known ? issues : [...issues, { path: 'mode', problem: 'must be plan or apply' }];
}

export function checkHoldRequest(request: HoldRequest, now: number): readonly Issue[] {
  if (!isRecord(request))
    return [{ path: '', problem: 'must be an object such as {"action":"list","instance":"mssql-rt"}' }];
  const issues = checkName('instance', request.instance);
  switch (request.action) {
    case 'list':
      return [...issues, ...unknownKeys(request, ['action', 'instance'])];
    case 'release':
      return [...issues, ...unknownKeys(request, ['action', 'instance', 'id']), ...checkText('id', request.id, 100)];
    case 'hold':
      return [...issues, ...checkNewHold(request, now)];
    default:
      return [...issues, { path: 'action', problem: 'must be hold, list or release' }];
  }
}

function checkNewHold(request: Extract<HoldRequest, { action: 'hold' }>, now: number): Issue[] {
  const { database, at, set, reason } = request;
  const issues = [
    ...unknownKeys(request, ['action', 'instance', 'database', 'at', 'set', 'reason']),
    ...checkText('database', database, 128),
    ...checkText('reason', reason, 500),
  ];
  if ((at === undefined) === (set === undefined))
    issues.push({ path: 'at', problem: 'or set must be given, one of them' });
  if (set !== undefined) issues.push(...checkText('set', set, 100));
  if (at === undefined) return issues;
  const time = parseTargetTime(at);
  if (typeof time === 'object') issues.push({ path: 'at', problem: time.problem });
  else if (time === 'latest') issues.push({ path: 'at', problem: 'must be a time; hold the newest set by its id' });
  else if (time > now) issues.push({ path: 'at', problem: `${at} is in the future` });
  return issues;
}

function checkText(path: string, value: unknown, most: number): Issue[] {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= most) return [];
  return [{ path, problem: value === undefined ? 'is missing' : `must be a text of 1 to ${most} characters` }];
}

/** Ids of holds name their instance, so that nothing else has to be said to release one. */
export function holdId(instance: string, unique: string): string {
  return `${instance}.${unique.slice(0, 8)}`;
}

/** Null for what is no id of a hold. */
export function instanceOfHold(id: string): string | null {
  return /^([a-z0-9-]+)\.[0-9a-f]{8}$/.exec(id)?.[1] ?? null;
}
