import type { Verified } from '../../workflows/contracts.ts';
import type { Validation } from '../../workflows/domain/request.ts';
import { failure, failureType } from '../failure.ts';
import type { Pulse } from '../heartbeat.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import { query, type Query } from '../sql-server/query.ts';

type Outcome = Verified['validations'][number];

/**
 * Runs a person's own queries in the restored database, each in a transaction that is rolled back: what proves the database must
 * not change it.
 */
export async function validate(
  session: SqlConnection,
  validations: readonly Validation[],
  pulse: Pulse,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, { query: text, expect }] of validations.entries()) {
    pulse.report({ validating: text.slice(0, 200), done: index, of: validations.length });
    await session.statement('BEGIN TRANSACTION', { signal: pulse.signal });
    const found = await singleValue(session, query(`Validate with ${text}`, text), pulse.signal);
    await session.statement('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION', { signal: pulse.signal });
    outcomes.push({ query: text, expect, found, ok: isSame(expect, found) });
  }
  return outcomes;
}

async function singleValue(
  session: SqlConnection,
  text: Query<Record<string, unknown>, Readonly<Record<string, never>>>,
  signal: AbortSignal,
): Promise<string | number | null> {
  const rows = await session.rows(text, {}, signal).catch((error: unknown) => {
    if (failureType(error) !== 'SqlError') throw error;
    throw failure('VerificationFailed', (error as Error).message);
  });
  const values = rows.flatMap((row) => Object.values(row));
  if (rows.length > 1 || values.length > 1 || Array.isArray(values[0])) {
    throw failure('VerificationFailed', `A validation gives one value, and ${text.text} gave ${rows.length} rows`);
  }
  return plain(values[0]);
}

/** What can be compared with a text or a number of the request; no row is null. */
function plain(value: unknown): string | number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex').toUpperCase()}`;
  throw failure('VerificationFailed', `A validation gives a number or a text, not ${typeof value}`);
}

/** bigint and numeric come as text or number, whichever keeps their digits; `5` and "5" are the same value. */
function isSame(expect: string | number | null, found: string | number | null): boolean {
  if (expect === null || found === null) return expect === found;
  return expect === found || String(expect) === String(found);
}
