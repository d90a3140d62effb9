import type { DatabaseWindow, TimeSpan, WindowPage } from '../../workflows/contracts.ts';
import { count, names } from '../../workflows/domain/words.ts';
import { commandName } from '../command-name.ts';
import type { InstanceWindow } from '../actions/window.ts';
import { problemText } from './problem.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { duration, moment, plain, wrapped } from './text.ts';
import { rangeOf, timelineLines } from './timeline.ts';

const shownHoles = 12;
const shownTimelines = 30;

interface ShowOptions {
  /** Every interval and hole, for one database. */
  readonly whole: boolean;
}

export function showWindows(screen: Screen, windows: readonly InstanceWindow[], { whole }: ShowOptions): void {
  for (const one of windows) {
    if ('failure' in one) {
      screen.print(`${one.instance}: its window cannot be read`);
      screen.print(problemText(one.failure));
    } else showWindow(screen, one, whole);
  }
}

/** How exposed a database is, for sorting: what cannot be restored to any moment comes first. */
export function byExposure(a: DatabaseWindow, b: DatabaseWindow): number {
  return (b.exposureSeconds ?? Infinity) - (a.exposureSeconds ?? Infinity) || (a.database < b.database ? -1 : 1);
}

export function exposureText(one: DatabaseWindow): string {
  return one.exposureSeconds === null ? 'no moment' : duration(one.exposureSeconds * 1000);
}

/** The number that should be small, in a sentence. */
export function headline({ databases, unprotectedCount }: Pick<WindowPage, 'databases' | 'unprotectedCount'>): string {
  const exposed = databases.filter(({ exposureSeconds }) => exposureSeconds !== null).toSorted(byExposure);
  const [worst] = exposed;
  const without = databases.length - exposed.length;
  return [
    count(databases.length, 'database'),
    ...(worst === undefined ? [] : [`largest exposure ${exposureText(worst)} (${worst.database})`]),
    ...(without > 0 ? [`${without} without a restorable moment`] : []),
    ...(unprotectedCount > 0 ? [`${unprotectedCount} WITHOUT ANY BACKUP`] : []),
  ].join(', ');
}

function showWindow(screen: Screen, page: Omit<WindowPage, 'next'>, whole: boolean): void {
  const databases = page.databases.toSorted(byExposure);
  screen.print(`${page.instance} at ${moment(page.asOf)}: ${plain(headline(page))}`);
  if (databases.length > 0) {
    screen.print(
      table(
        ['database', 'exposure', 'latest (UTC)', 'from (UTC)', 'holes', 'newest backup'],
        databases.map(row),
        screen.width,
      ),
    );
  }
  timelines(screen, page, databases);
  if (whole) for (const one of databases) intervals(screen, one);
  else holes(screen, page.instance, databases);
  notes(screen, page, databases);
}

function row(one: DatabaseWindow): string[] {
  const [first] = one.intervals;
  const { latestRestorable, newestBackup } = one;
  return [
    one.database,
    exposureText(one),
    latestRestorable === null ? 'none' : stamp(latestRestorable),
    first === undefined ? 'none' : `${one.olderIntervals > 0 ? 'before ' : ''}${stamp(first.from)}`,
    one.holes.length === 0 ? 'none' : String(one.holes.length + one.olderIntervals),
    newestBackup === null ? 'none' : `${newestBackup.kind} ${stamp(newestBackup.finishedAt).slice(5, 16)}`,
  ];
}

/** For tables, whose head says that it is UTC. */
function stamp(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

function timelines(screen: Screen, page: Pick<WindowPage, 'asOf'>, databases: readonly DatabaseWindow[]): void {
  const range = rangeOf(databases, page.asOf);
  if (range === null) return;
  const shown = databases.slice(0, shownTimelines);
  const rows = shown.map(({ database, intervals: spans }) => ({ name: database, intervals: spans }));
  screen.print(['', ...timelineLines(rows, range, screen.width)].join('\n'));
  if (databases.length > shown.length) {
    screen.print(`  and ${databases.length - shown.length} more, which are less exposed; --html draws them all`);
  }
}

function spanText({ from, to }: TimeSpan): string {
  return `${moment(from)} – ${moment(to)}`;
}

function intervals(screen: Screen, one: DatabaseWindow): void {
  screen.print(`\nEvery moment in these intervals can be restored to:`);
  if (one.olderIntervals > 0) screen.print(`  ${count(one.olderIntervals, 'older interval')} not shown`);
  one.intervals.forEach((interval, i) => {
    screen.print(`  █ ${spanText(interval)}`);
    const hole = one.holes[i];
    if (hole !== undefined) screen.print(`  · ${spanText(hole)}\n${wrapped(hole.reason, screen.width, '    ')}`);
  });
}

function holes(screen: Screen, instance: string, databases: readonly DatabaseWindow[]): void {
  const all = databases
    .flatMap((one) => one.holes.map((hole) => ({ database: one.database, ...hole })))
    .sort((a, b) => (a.to < b.to ? 1 : -1));
  if (all.length === 0) return;
  screen.print('\nHoles, the newest first:');
  for (const hole of all.slice(0, shownHoles)) {
    screen.print(`  ${plain(hole.database)}  ${spanText(hole)}`);
    screen.print(wrapped(hole.reason, screen.width, '    '));
  }
  if (all.length > shownHoles) {
    screen.print(`  and ${all.length - shownHoles} more; see ${commandName} window ${instance} <database>, or --json`);
  }
}

function notes(screen: Screen, page: Omit<WindowPage, 'next'>, databases: readonly DatabaseWindow[]): void {
  const { unprotected, unprotectedCount, serverProblem, problems } = page;
  const about = databases.flatMap((one) => one.notes.map((note) => `${one.database}: ${note}`));
  const lines = [
    ...(unprotectedCount > 0 ? [`Without any backup in the store: ${names(unprotected, 20)}.`] : []),
    ...about.slice(0, shownHoles),
    ...(about.length > shownHoles ? [`and ${about.length - shownHoles} more notes; --json shows them all`] : []),
    ...problems,
    ...(serverProblem === null
      ? []
      : [
          `The server could not be asked which databases it has, so ones without any backup are not shown: ${serverProblem}`,
        ]),
  ];
  for (const line of lines) screen.print(wrapped(line, screen.width, '    ').replace('    ', '  ! '));
}
