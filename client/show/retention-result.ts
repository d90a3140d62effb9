import type { RetentionResult } from '../../workflows/apply-retention.ts';
import type { RetainedDatabase, RetainedGroup } from '../../workflows/contracts.ts';
import { count, megabytes } from '../../workflows/domain/words.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { moment, plain } from './text.ts';

const shown = 25;

export function showRetentionResult(screen: Screen, result: RetentionResult): void {
  const { mode, removed, kept, policy, databases } = result;
  const verb = mode === 'plan' ? 'would be removed' : 'removed';
  screen.print(
    `Retention of ${result.instance}, window ${policy.window} (since ${moment(policy.from)}), at least ${count(policy.minFulls, 'full')}: ` +
      `${count(removed.sets, 'set')}, ${megabytes(removed.bytes)} ${verb}; ${count(kept.sets, 'set')}, ${megabytes(kept.bytes)} kept`,
  );
  const busy = databases.filter((one) => one.removed.sets > 0 || one.uncertain.length > 0);
  const quiet = databases.filter((one) => !busy.includes(one));
  const listed = [...busy, ...quiet].slice(0, shown);
  const rows = listed.flatMap((one) => one.groups.map((group, i) => row(i === 0 ? one.database : '', group, mode)));
  if (rows.length > 0) {
    screen.print(table(['database', 'sets', 'size', 'finished', 'what', 'why'], rows, screen.width));
  }
  if (databases.length > listed.length) {
    screen.print(`  and ${count(databases.length - listed.length, 'database')} more; --json shows them all`);
  }
  for (const one of databases.filter(({ uncertain }) => uncertain.length > 0)) showUncertain(screen, one);
  for (const problem of result.problems) screen.print(`Problem: ${plain(problem)}`);
  showLeases(screen, result);
  if (result.finished > 0) {
    screen.print(
      `A run that was cut off had begun to remove ${count(result.finished, 'set')}; their files are gone now.`,
    );
  }
  if (result.report !== null) screen.print(`Report in the store: ${result.report}`);
  if (mode === 'plan') screen.print('Nothing was removed. Start it without --plan.');
}

function row(database: string, group: RetainedGroup, mode: RetentionResult['mode']): string[] {
  const { kind, sets, bytes, from, to, why, removed } = group;
  const what = removed ? (mode === 'plan' ? 'goes' : 'removed') : 'kept';
  return [database, `${sets} ${kind}`, megabytes(bytes), spanText(from, to), what, why];
}

const day = 24 * 3_600_000;

/** UTC; of more than a day the days only: it stands in a column. */
function spanText(from: string, to: string): string {
  const characters = Date.parse(to) - Date.parse(from) > day ? 'YYYY-MM-DD'.length : 'YYYY-MM-DD hh:mm'.length;
  const [first = '', last = ''] = [from, to].map((iso) => iso.slice(0, characters).replace('T', ' '));
  return first === last ? first : `${first} – ${last.startsWith(first.slice(0, 11)) ? last.slice(11) : last}`;
}

function showUncertain(screen: Screen, { database, uncertain }: RetainedDatabase): void {
  screen.print(`Nothing of ${plain(database)} is removed, because the store is not certain about it:`);
  for (const why of uncertain) screen.print(`  ${plain(why)}`);
}

function showLeases(screen: Screen, { leases, mode }: RetentionResult): void {
  if (leases.held > 0) screen.print(`${count(leases.held, 'lease')} of running restores kept what they name.`);
  if (leases.unknown.length > 0) {
    screen.print(`Whether these restores still run could not be asked, so they count: ${leases.unknown.join(', ')}`);
  }
  if (leases.ended.length > 0) {
    const done = mode === 'plan' ? 'do not count' : 'are ended';
    screen.print(`Leases of restores that run no more ${done}: ${leases.ended.join(', ')}`);
  }
}
