import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitCodes } from '../../client/exit-codes.ts';
import { Problem } from '../../client/problem.ts';
import type { Screen } from '../../client/show/screen.ts';
import { wrapped } from '../../client/show/text.ts';
import { rangeOf, timelineLines } from '../../client/show/timeline.ts';
import { windowHtml } from '../../client/show/window-html.ts';
import { showWindows } from '../../client/show/window-result.ts';
import type { InstanceWindow } from '../../client/actions/window.ts';
import type { DatabaseWindow } from '../../workflows/contracts.ts';

const asOf = '2026-02-11T00:00:00.000Z';

function database(name: string, more: Partial<DatabaseWindow> = {}): DatabaseWindow {
  return {
    database: name,
    intervals: [{ from: '2026-02-10T00:00:00.000Z', to: '2026-02-10T23:59:00.000Z' }],
    holes: [],
    olderIntervals: 0,
    latestRestorable: '2026-02-10T23:59:00.000Z',
    exposureSeconds: 60,
    newestBackup: { kind: 'log', finishedAt: '2026-02-10T23:59:00.000Z' },
    sets: 3,
    sizeBytes: 1_000_000,
    notes: [],
    ...more,
  };
}

const holed = database('holed', {
  intervals: [
    { from: '2026-02-10T00:00:00.000Z', to: '2026-02-10T06:00:00.000Z' },
    { from: '2026-02-10T12:00:00.000Z', to: '2026-02-10T18:00:00.000Z' },
  ],
  holes: [{ from: '2026-02-10T06:00:00.001Z', to: '2026-02-10T11:59:59.999Z', reason: 'A log is gone.' }],
  latestRestorable: '2026-02-10T18:00:00.000Z',
  exposureSeconds: 21_600,
});

function instance(
  databases: readonly DatabaseWindow[],
  more: Partial<Extract<InstanceWindow, { asOf: string }>> = {},
): InstanceWindow {
  return {
    instance: 'mssql-rt',
    asOf,
    databases,
    unprotected: [],
    unprotectedCount: 0,
    serverProblem: null,
    problems: [],
    ...more,
  };
}

function shown(windows: readonly InstanceWindow[], whole = false, width = 100): string {
  const lines: string[] = [];
  const screen = { width, json: false, live: false, print: (text: string) => lines.push(text) } as unknown as Screen;
  showWindows(screen, windows, { whole });
  return lines.join('\n');
}

describe('a timeline', () => {
  it('is full where every moment can be restored to, empty where none can, and half where some can', () => {
    const range = rangeOf([holed], asOf);
    assert.ok(range);
    const [bar, axis] = timelineLines([{ name: 'db', intervals: holed.intervals }], range, 4 + 24);
    assert.equal(bar, 'db  ██████······██████······');
    assert.match(axis ?? '', /^ {4}2026-02-10 00:00/);
    const [fine] = timelineLines(
      [{ name: 'db', intervals: [{ from: '2026-02-10T00:00:00.000Z', to: '2026-02-10T00:30:00.000Z' }] }],
      range,
      4 + 24,
    );
    assert.equal(fine, `db  ▒${'·'.repeat(23)}`);
  });

  it('is not there when nothing can be restored', () => {
    assert.equal(rangeOf([{ intervals: [] }], asOf), null);
  });

  it('never is wider than it may be, whatever the names are', () => {
    const range = rangeOf([holed], asOf);
    assert.ok(range);
    const rows = ['a', 'a name that is very much longer than a timeline has room for'].map((name) => ({
      name,
      intervals: holed.intervals,
    }));
    for (const width of [60, 80, 200])
      for (const line of timelineLines(rows, range, width)) assert.ok(line.length <= width, line);
  });
});

describe('the window', () => {
  it('shows the most exposed first, holes with their reasons, and what has no backup at all', () => {
    const none = database('none', {
      intervals: [],
      latestRestorable: null,
      exposureSeconds: null,
      notes: ['No log backup.'],
    });
    const text = shown([instance([database('fine'), holed, none], { unprotected: ['new'], unprotectedCount: 1 })]);
    assert.match(
      text,
      /3 databases, largest exposure 6 h 00 min \(holed\), 1 without a restorable moment, 1 WITHOUT ANY BACKUP/,
    );
    const order = ['│ none', '│ holed', '│ fine'].map((row) => text.indexOf(row));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.match(text, /holed {2}2026-02-10 06:00:00\.001 UTC.* – [\s\S]*A log is gone\./);
    assert.match(text, / {2}! Without any backup in the store: new\./);
    assert.match(text, / {2}! none: No log backup\./);
  });

  it('of one database shows each interval and each hole between them', () => {
    const text = shown([instance([holed])], true);
    const marks = text.split('\n').flatMap((line) => /^ {2}([█·]) 2026/.exec(line)?.[1] ?? []);
    assert.deepEqual(marks, ['█', '·', '█']);
  });

  it('of an instance that cannot be read says why, and shows the others', () => {
    const failure = new Problem({
      type: 'StoreUnavailable',
      happened: 'EIO.',
      hint: 'Wait.',
      exitCode: exitCodes.failed,
    });
    const text = shown([{ instance: 'broken', failure }, instance([holed])]);
    assert.match(text, /broken: its window cannot be read\n✘ StoreUnavailable\n {2}EIO\./);
    assert.match(text, /│ holed/);
  });

  it('lets no name steer the terminal', () => {
    const evil = database('x\u001b[2J', { notes: ['\u001b[31mred'] });
    assert.doesNotMatch(shown([instance([evil])]), /\u001b/);
  });
});

describe('the page', () => {
  const html = windowHtml([
    instance([holed, database('<script>alert(1)</script>')], { serverProblem: 'a "quoted" & <b>' }),
  ]);

  it('draws each database, with its holes', () => {
    assert.equal(html.match(/<svg /g)?.length, 2);
    assert.match(html, /<rect class="hole"[^>]*><title>2026-02-10 06:00:00\.001 UTC[^<]*A log is gone\./);
    assert.match(html, /<span class="badge act">6 h 00 min<\/span>/);
  });

  it('needs nothing from elsewhere, and runs nothing', () => {
    assert.doesNotMatch(html, /<script|https?:|@import|url\(/);
    assert.match(html, /default-src 'none'/);
    assert.match(html, /&lt;script&gt;alert\(1\)/);
    assert.match(html, /a &quot;quoted&quot; &amp; &lt;b&gt;/);
  });

  it('follows light and dark', () => {
    assert.match(html, /prefers-color-scheme: dark/);
  });
});

describe('wrapped text', () => {
  it('is broken between words, and loses none', () => {
    const text = 'the log from LSN 39000000172000001 to 39000000192000001 is not in the store';
    const lines = wrapped(text, 30, '    ').split('\n');
    for (const line of lines) assert.ok(line.length <= 30, line);
    assert.equal(lines.map((line) => line.trim()).join(' '), text);
    assert.equal(wrapped('x'.repeat(60), 34, '    ').split('\n').length, 2);
  });
});
