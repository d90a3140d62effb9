import { createHash } from 'node:crypto';
import { modeLetters } from '../app-lock-modes.ts';
import type { RequestInfo, SessionInfo, SystemContext } from '../contract.ts';
import type { Row } from '../layout.ts';
import { hexOf } from '../values.ts';

/** 0x02 and a hash of the text, as the handle of an ad hoc batch looks; it leads back through sys.dm_exec_sql_text. */
export const sqlHandle = (text: string): Uint8Array =>
  Buffer.concat([
    Buffer.from([2, 0, 0, 0]),
    createHash('sha256').update(text).digest().subarray(0, 20),
    Buffer.alloc(20),
  ]);

const option = (session: SessionInfo, name: string): boolean => session.options.get(name) ?? false;

/** SET options, which sessions and requests show alike. */
export const settings = (session: SessionInfo): Row => ({
  text_size: session.textSize,
  language: session.language,
  date_format: session.dateFormat,
  date_first: session.dateFirst,
  quoted_identifier: option(session, 'QUOTED_IDENTIFIER'),
  arithabort: option(session, 'ARITHABORT'),
  ansi_null_dflt_on: option(session, 'ANSI_NULL_DFLT_ON'),
  ansi_defaults: option(session, 'ANSI_DEFAULTS'),
  ansi_warnings: option(session, 'ANSI_WARNINGS'),
  ansi_padding: option(session, 'ANSI_PADDING'),
  ansi_nulls: option(session, 'ANSI_NULLS'),
  concat_null_yields_null: option(session, 'CONCAT_NULL_YIELDS_NULL'),
  transaction_isolation_level: session.isolationLevel,
  lock_timeout: session.lockTimeout,
  row_count: session.rowCount,
  prev_error: session.lastError,
});
export const settingColumns = `
  text_size int, language nvarchar(128) null, date_format nvarchar(3) null, date_first smallint,
  quoted_identifier bit, arithabort bit, ansi_null_dflt_on bit, ansi_defaults bit, ansi_warnings bit,
  ansi_padding bit, ansi_nulls bit, concat_null_yields_null bit, transaction_isolation_level smallint,
  lock_timeout int, deadlock_priority int = 0, row_count bigint, prev_error int`;

/** A guid per session, stable as long as it lives. */
export function connectionId(session: SessionInfo): string {
  const hash = hexOf(createHash('md5').update(`${session.spid}/${session.loginTime.ticks}`).digest());
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const elapsed = (context: SystemContext, request: RequestInfo): number =>
  Math.max(0, Math.round(context.instance.clock.now() - request.startedAt));

interface Wait {
  readonly type: string;
  readonly blockedBy: number;
}

/** What a request waits for: what it says itself, or an application lock. */
export function waitOf(context: SystemContext, session: SessionInfo, request: RequestInfo): Wait | undefined {
  if (request.waitType !== null) return { type: request.waitType, blockedBy: request.blockedBy };
  for (const { spid, mode, blockedBy } of context.locks.waiting?.() ?? []) {
    if (spid === session.spid) return { type: `LCK_M_${modeLetters[mode]}`, blockedBy };
  }
  return undefined;
}
