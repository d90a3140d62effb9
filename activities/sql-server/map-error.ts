import type { FailureType } from '../../workflows/domain/failures.ts';
import { failure } from '../failure.ts';

/** One message of the server: an ERROR token of MS-TDS 2.2.7.10. */
export interface ServerError {
  readonly number: number;
  readonly class: number;
  readonly state: number;
  readonly message: string;
}

export interface MappedError {
  readonly type: FailureType;
  /** Number of the message that is the cause; null when the server sent none (the connection or the driver failed). */
  readonly number: number | null;
  readonly text: string;
}

/** Numbers of sys.messages (Database Engine events and errors) whose meaning does not depend on their text. */
const types: Readonly<Record<number, FailureType>> = {
  911: 'UnknownDatabase',
  // Login: 18456 failed, 18470 disabled, 18487/18488 password expired or to be changed, 18452 untrusted domain.
  18456: 'LoginFailed',
  18452: 'LoginFailed',
  18470: 'LoginFailed',
  18487: 'LoginFailed',
  18488: 'LoginFailed',
  4060: 'LoginFailed',
  262: 'PermissionDenied',
  229: 'PermissionDenied',
  297: 'PermissionDenied',
  300: 'PermissionDenied',
  916: 'PermissionDenied',
  3110: 'PermissionDenied',
  5011: 'PermissionDenied',
  6102: 'PermissionDenied',
  15247: 'PermissionDenied',
  // The server or the database is on its way up or down.
  921: 'ServerUnavailable',
  922: 'ServerUnavailable',
  927: 'ServerUnavailable',
  6005: 'ServerUnavailable',
  17142: 'ServerUnavailable',
  18401: 'ServerUnavailable',
  18451: 'ServerUnavailable',
  3023: 'DatabaseInUse',
  3101: 'DatabaseInUse',
  3702: 'DatabaseInUse',
  5061: 'DatabaseInUse',
  5070: 'DatabaseInUse',
  1205: 'DatabaseInUse',
  1222: 'DatabaseInUse',
  4208: 'ChainBroken',
  4214: 'ChainBroken',
  3035: 'ChainBroken',
  3136: 'ChainBroken',
  4305: 'ChainBroken',
  4312: 'ChainBroken',
  4330: 'ChainBroken',
  3182: 'FileDamaged',
  3183: 'FileDamaged',
  3186: 'FileDamaged',
  3189: 'FileDamaged',
  3203: 'FileDamaged',
  3241: 'FileDamaged',
  3242: 'FileDamaged',
  3254: 'FileDamaged',
  3256: 'FileDamaged',
  1101: 'StorageFull',
  1105: 'StorageFull',
  3257: 'StorageFull',
  9002: 'StorageFull',
};

/** Messages that carry an operating system error: backup devices, files of a database, restore planning. */
const withOsError = new Set([3201, 3202, 3203, 3634, 5105, 5120, 5123, 5133]);

/** Windows error codes, which SQL Server reports on Linux too. */
const osTypes: Readonly<Record<string, FailureType>> = {
  '2': 'FileMissing',
  '3': 'FileMissing',
  '5': 'AccessDenied',
  '112': 'StorageFull',
};

/** Only says that a statement failed; the reasons come before it. */
const summaries = new Set([3013, 3119]);

/** A fatal error ends the session (Database Engine error severities). */
const fatalClass = 20;

const lostConnection = new Set([
  'ETIMEOUT',
  'ESOCKET',
  'ECLOSE',
  'ECONNCLOSED',
  'ECONNRESET',
  'ENOTOPEN',
  'ENOCONN',
  'EINVALIDSTATE',
  'ECANCEL',
]);

/**
 * What an error of `mssql` or tedious means.
 *
 * A failed BACKUP or RESTORE sends its reasons first and 3013 last; mssql rejects with the last one and keeps the others in
 * `precedingErrors`.
 */
export function mapSqlError(error: unknown): MappedError {
  const messages = serverErrors(error);
  const reasons = messages.filter((message) => !summaries.has(message.number));
  const told = reasons.length > 0 ? reasons : messages;
  for (const message of told) {
    const type = typeOf(message);
    if (type !== null) return { type, number: message.number, text: textOf(told) };
  }
  const first = told[0];
  if (first !== undefined) {
    const type = first.class >= fatalClass ? 'ServerUnavailable' : 'SqlError';
    return { type, number: first.number, text: textOf(told) };
  }
  return { ...withoutMessages(error), number: null };
}

/** The failure that leaves the activity; `doing` says what was tried, e.g. `Back up db1`. */
export function sqlFailure(error: unknown, doing: string): Error {
  const mapped = mapSqlError(error);
  return failure(mapped.type, `${doing}: ${mapped.text}`, { details: [{ number: mapped.number }] });
}

function typeOf(message: ServerError): FailureType | null {
  if (withOsError.has(message.number)) {
    const code = osErrorOf(message.message);
    const type = code === null ? undefined : osTypes[code];
    if (type !== undefined) return type;
  }
  return types[message.number] ?? null;
}

/** `Operating system error 5(Access is denied.)`, `failed: 112(There is not enough space…)`, `returned the error '2(The…` */
function osErrorOf(text: string): string | null {
  return /(?:error '?|failed: )(\d+)\(/.exec(text)?.[1] ?? null;
}

function textOf(messages: readonly ServerError[]): string {
  const text = messages
    .map(({ number, message }) => `${message.replace(/\.$/, '')} (SQL Server error ${number})`)
    .join('. ');
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

/** Failures lie in histories; a statement can send hundreds of messages. */
const longestText = 1_500;

/** Every message behind an error, the cause first. */
export function serverErrors(error: unknown): ServerError[] {
  if (!isRecord(error)) return [];
  const preceding = Array.isArray(error['precedingErrors']) ? error['precedingErrors'] : [];
  const own = serverError(error);
  return [...preceding.flatMap(serverErrors), ...(own === null ? [] : [own])];
}

function serverError(error: Record<string, unknown>): ServerError | null {
  if (typeof error['number'] !== 'number') return null;
  const original = isRecord(error['originalError']) ? error['originalError'] : {};
  const info = isRecord(original['info']) ? original['info'] : {};
  return {
    number: error['number'],
    class: Number(error['class'] ?? info['class'] ?? 0),
    state: Number(error['state'] ?? info['state'] ?? 0),
    message: String(error['message']),
  };
}

function withoutMessages(error: unknown): { type: FailureType; text: string } {
  const code = isRecord(error) && typeof error['code'] === 'string' ? error['code'] : '';
  const text = error instanceof Error ? error.message : String(error);
  if (certificateRefused(error)) {
    return {
      type: 'LoginFailed',
      text: `the server's certificate cannot be verified (${text}); name its authority in tls.caFile, or set tls.trustServerCertificate`,
    };
  }
  if (code === 'ELOGIN' || code === 'EENCRYPT') return { type: 'LoginFailed', text };
  if (lostConnection.has(code)) return { type: 'ServerUnavailable', text };
  return { type: 'SqlError', text };
}

const certificateCodes = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER))/;

/** A certificate that is not trusted arrives as ESOCKET too, but waiting does not mend it. */
function certificateRefused(error: unknown): boolean {
  if (!isRecord(error)) return false;
  if (typeof error['code'] === 'string' && certificateCodes.test(error['code'])) return true;
  return certificateRefused(error['originalError']) || certificateRefused(error['cause']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
