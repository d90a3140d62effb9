import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { parseSettings } from '../../client/config.ts';
import type { DeclaredSchedules } from '../../workflows/domain/schedule.ts';
import { runCli } from './cli.ts';
import { issuesOf } from '../support/config-issues.ts';

/** One line for each, so that the lines of mistakes are easy to name. */
function file(a: string, b: string, groups = ''): string {
  const instance = (name: string, host: string, schedules: string): string =>
    `  ${name}: { host: ${host}, login: { user: sa, password: { env: PW } }, dataRoot: ${name}, store: main, schedules: ${schedules} }\n`;
  return `stores:\n  main: { path: store }\ninstances:\n${instance('a', '127.0.0.1', a)}${instance('b', '127.0.0.2', b)}${groups}`;
}

function schedulesOf(text: string): DeclaredSchedules | undefined {
  return parseSettings(text, '/etc/pitr/temporal.yaml').schedules;
}

describe('schedules in temporal.yaml', () => {
  it('are read in their short and in their long form', () => {
    const short = "{ full: '0 1 * * 0', log: every 10s, retention: '@daily' }";
    const long =
      '{ log: { every: 1h, offset: 5m, spread: 0s, jitter: 2s, overlap: skip, catchUp: 20s }, ' +
      "full: { cron: '0 1 * * 0', timeZone: Europe/Berlin } }";
    assert.deepEqual(schedulesOf(file(short, long)), {
      a: {
        full: { when: { cron: '0 1 * * 0' } },
        log: { when: { everyMs: 10_000, offsetMs: 0 } },
        retention: { when: { cron: '@daily' } },
      },
      b: {
        full: { when: { cron: '0 1 * * 0' }, timeZone: 'Europe/Berlin' },
        log: {
          when: { everyMs: 3_600_000, offsetMs: 300_000 },
          spreadMs: 0,
          jitterMs: 2_000,
          overlap: 'skip',
          catchUpMs: 20_000,
        },
      },
    });
  });

  it('of a group hold for its instances, unless one of them says otherwise, kind by kind', () => {
    const groups =
      "groups:\n  all: { instances: all, schedules: { full: '0 1 * * 0', log: every 1m, verify: '@weekly' } }\n";
    assert.deepEqual(schedulesOf(file('{ log: every 10s }', '{ full: off, verify: { off: true } }', groups)), {
      a: {
        full: { when: { cron: '0 1 * * 0' } },
        log: { when: { everyMs: 10_000, offsetMs: 0 } },
        verify: { when: { cron: '@weekly' } },
      },
      b: { log: { when: { everyMs: 60_000, offsetMs: 0 } } },
    });
  });

  it('are nothing when nothing is declared', () => {
    assert.equal(schedulesOf(file('{}', '{ log: off }')), undefined);
  });

  it('say nothing in the settings of an instance: the worker has no use for them', () => {
    const { instances } = parseSettings(file('{ log: every 10s }', '{}'), '/etc/pitr/temporal.yaml');
    assert.ok(!('schedules' in (instances['a'] ?? {})));
  });
});

describe('a mistake in schedules is reported with its path and line', () => {
  const cases: { name: string; schedules: string; path: string; says: RegExp }[] = [
    {
      name: 'a kind there is not',
      schedules: '{ logs: every 1m }',
      path: 'logs',
      says: /known are full, differential, log, retention, verify/,
    },
    { name: 'a cron that is none', schedules: "{ full: '0 1 * *' }", path: 'full.cron', says: /five fields/ },
    { name: 'a text that is neither', schedules: '{ full: sometimes }', path: 'full.cron', says: /five fields/ },
    {
      name: 'days of both sorts',
      schedules: "{ full: '0 1 1 * MON' }",
      path: 'full.cron',
      says: /leave one of the two/,
    },
    { name: 'less than 10 s', schedules: '{ log: every 5s }', path: 'log.every', says: /10s or longer/ },
    {
      name: 'a number without a unit',
      schedules: '{ log: { every: 10 } }',
      path: 'log.every',
      says: /10s or longer.*not 10/,
    },
    {
      name: 'cron and every',
      schedules: "{ log: { every: 10s, cron: '0 1 * * *' } }",
      path: 'log',
      says: /one of cron, every and off/,
    },
    {
      name: 'neither cron nor every',
      schedules: '{ log: { jitter: 1s } }',
      path: 'log',
      says: /one of cron, every and off/,
    },
    { name: 'a list', schedules: '{ log: [every 1m] }', path: 'log', says: /must be cron between quotes/ },
    {
      name: 'a time zone there is not',
      schedules: "{ full: { cron: '@daily', timeZone: Europe/Bonn } }",
      path: 'full.timeZone',
      says: /not "Europe\/Bonn"/,
    },
    {
      name: 'an offset as a time zone',
      schedules: "{ full: { cron: '@daily', timeZone: '+01:00' } }",
      path: 'full.timeZone',
      says: /name of a time zone/,
    },
    {
      name: 'a time zone of an interval',
      schedules: '{ log: { every: 1h, timeZone: UTC } }',
      path: 'log.timeZone',
      says: /goes with cron/,
    },
    {
      name: 'an offset as long as the interval',
      schedules: '{ log: { every: 1m, offset: 60s } }',
      path: 'log.offset',
      says: /shorter than every/,
    },
    {
      name: 'a jitter as long as the interval',
      schedules: '{ log: { every: 10s, jitter: 10s } }',
      path: 'log.jitter',
      says: /shorter than the time between/,
    },
    {
      name: 'a catch-up window below what Temporal takes',
      schedules: '{ log: { every: 10s, catchUp: 5s } }',
      path: 'log.catchUp',
      says: /10s or longer/,
    },
    {
      name: 'an overlap that piles runs up',
      schedules: '{ log: { every: 10s, overlap: buffer-all } }',
      path: 'log.overlap',
      says: /skip or buffer-one, not "buffer-all"/,
    },
    {
      name: 'a key there is not',
      schedules: '{ log: { evry: 10s } }',
      path: 'log.evry',
      says: /known are cron, every, offset/,
    },
  ];
  for (const { name, schedules, path, says } of cases) {
    it(name, () => {
      const issues = issuesOf(file('{}', schedules));
      const found = issues.find((issue) => issue.path === `instances.b.schedules.${path}` && says.test(issue.problem));
      assert.ok(found, `no such issue in ${JSON.stringify(issues, null, 1)}`);
      assert.equal(found.line, 5);
    });
  }

  it('a group of instances that are not declared, and two groups that declare the same', () => {
    const groups = `groups:
  one: { instances: [a, nowhere], schedules: { log: every 1m } }
  two: { instances: all, schedules: { log: every 2m, full: '@weekly' } }
  three: { instances: [], schedules: {} }
`;
    assert.deepEqual(
      issuesOf(file('{}', '{}', groups)).map(({ path, line }) => [path, line]),
      [
        ['groups.one.instances.1', 7],
        ['groups.two.schedules.log', 8],
        ['groups.three.instances', 9],
      ],
    );
  });
});

describe('what is shown as an example is taken', () => {
  /** The sections of an example, with what it leaves out of its instance. */
  function taken(example: string): DeclaredSchedules | undefined {
    const { groups, instances } = parse(example) as { groups: object; instances: { 'mssql-rt': object } };
    const rest = { host: '127.0.0.1', login: { user: 'sa', password: { env: 'PW' } }, dataRoot: 'data', store: 'main' };
    const stores = { main: { path: 'store' } };
    return schedulesOf(stringify({ stores, groups, instances: { 'mssql-rt': { ...rest, ...instances['mssql-rt'] } } }));
  }

  it('by schedules --help', async () => {
    const { stdout } = await runCli(['schedules', '--help']);
    const [example] = /^ {2}groups:\n(?: {2}.*\n)+/m.exec(stdout) ?? [];
    const { 'mssql-rt': found } = taken(example ?? '') ?? {};
    assert.deepEqual(Object.keys(found ?? {}), ['full', 'differential', 'log', 'retention']);
    assert.deepEqual(found?.log?.when, { everyMs: 10_000, offsetMs: 0 });
  });

  it('by docs/schedules.md', () => {
    const page = readFileSync(new URL('../../docs/schedules.md', import.meta.url), 'utf8');
    const [, example] = /```yaml\n([^`]+)```/.exec(page) ?? [];
    assert.deepEqual(Object.keys(taken(example ?? '')?.['mssql-rt'] ?? {}), [
      'full',
      'differential',
      'log',
      'retention',
    ]);
  });
});
