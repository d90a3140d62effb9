import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { configPath, loadSettings, parseSettings } from '../../client/config.ts';
import { issuesOf } from '../support/config-issues.ts';

const good = `stores:
  main: { path: store }
instances:
  mssql-rt:
    host: 127.0.0.1
    login: { user: sa, password: { env: PW } }
    dataRoot: data
    store: main
    newInstance:
      command: [run, '{name}', '{port}', '{dataRoot}']
      dataRoot: new/{name}
      ports: 14400-14499
`;

describe('reading temporal.yaml', () => {
  it('fills in every default, and starts relative paths at the folder of the file', () => {
    const settings = parseSettings(good, '/etc/pitr/temporal.yaml');
    assert.deepEqual(settings, {
      taskQueue: 'mssql-pitr',
      limits: { backupsAtOnce: 4, restoresAtOnce: 4, logsPerSlice: 100, mendsPerRun: 20 },
      stores: { main: { platform: 'local', path: '/etc/pitr/store' } },
      instances: {
        'mssql-rt': {
          platform: 'local',
          host: '127.0.0.1',
          port: 1433,
          login: { user: 'sa', password: { env: 'PW' } },
          tls: { encrypt: true, trustServerCertificate: false },
          dataRoot: '/etc/pitr/data',
          store: 'main',
          newInstance: {
            command: ['run', '{name}', '{port}', '{dataRoot}'],
            dataRoot: '/etc/pitr/new/{name}',
            ports: [14400, 14499],
          },
        },
      },
    });
  });

  it('gives settings that nobody can change', () => {
    const settings = parseSettings(good, '/etc/pitr/temporal.yaml');
    assert.throws(() => Object.assign(settings.limits, { backupsAtOnce: 9 }), TypeError);
    assert.throws(() => (settings.instances['mssql-rt']?.newInstance?.command as string[]).push('x'), TypeError);
  });

  it('starts the file of a secret and of a certificate at the folder of the file too', () => {
    const text = good
      .replace('{ env: PW }', '{ file: sa.txt }')
      .replace('store: main', 'store: main\n    tls: { caFile: ca.pem }');
    const instance = parseSettings(text, '/etc/pitr/temporal.yaml').instances['mssql-rt'];
    assert.deepEqual(instance?.login.password, { file: '/etc/pitr/sa.txt' });
    assert.equal(instance.tls.caFile, '/etc/pitr/ca.pem');
  });
});

describe('a mistake in temporal.yaml is reported with its path and line', () => {
  const cases: { name: string; change: [string, string]; path: string; line: number; says: RegExp }[] = [
    {
      name: 'an unknown key',
      change: ['    host:', '    hots: x\n    host:'],
      path: 'instances.mssql-rt.hots',
      line: 5,
      says: /not a key here; known are platform, host, port/,
    },
    {
      name: 'an unknown key at the top',
      change: ['stores:', 'store: x\nstores:'],
      path: 'store',
      line: 1,
      says: /known are taskQueue, limits, stores, instances/,
    },
    {
      name: 'a missing host',
      change: ['    host: 127.0.0.1\n', ''],
      path: 'instances.mssql-rt.host',
      line: 4,
      says: /is missing; it must be a host name/,
    },
    {
      name: 'a missing section',
      change: ['stores:\n  main: { path: store }\n', ''],
      path: 'stores',
      line: 1,
      says: /is missing/,
    },
    {
      name: 'a port out of range',
      change: ['    host:', '    port: 70000\n    host:'],
      path: 'instances.mssql-rt.port',
      line: 5,
      says: /a port from 1 to 65535, not 70000/,
    },
    {
      name: 'a port that is a text',
      change: ['    host:', '    port: "1433"\n    host:'],
      path: 'instances.mssql-rt.port',
      line: 5,
      says: /not "1433"/,
    },
    {
      name: 'a store that is not declared',
      change: ['store: main', 'store: other'],
      path: 'instances.mssql-rt.store',
      line: 8,
      says: /"other", which is not under stores; declared are main/,
    },
    {
      name: 'a name that cannot be an instance',
      change: ['  mssql-rt:', '  Mssql_RT:'],
      path: 'instances.Mssql_RT',
      line: 4,
      says: /lower-case letters, digits and -.*not "Mssql_RT"/,
    },
    {
      name: 'a platform there is not',
      change: ['    host:', '    platform: openstack\n    host:'],
      path: 'instances.mssql-rt.platform',
      line: 5,
      says: /must be local or kubernetes, not "openstack"/,
    },
    {
      name: 'a secret with two places',
      change: ['{ env: PW }', '{ env: PW, file: x }'],
      path: 'instances.mssql-rt.login.password',
      line: 6,
      says: /where the secret is/,
    },
    {
      name: 'a limit of zero',
      change: ['stores:', 'limits: { backupsAtOnce: 0 }\nstores:'],
      path: 'limits.backupsAtOnce',
      line: 1,
      says: /from 1 to 64, not 0/,
    },
    {
      name: 'a range of ports that runs backwards',
      change: ['14400-14499', '14499-14400'],
      path: 'instances.mssql-rt.newInstance.ports',
      line: 12,
      says: /from low to high such as 14400-14499/,
    },
    {
      name: 'ports that are no range',
      change: ['14400-14499', '14400'],
      path: 'instances.mssql-rt.newInstance.ports',
      line: 12,
      says: /a range of ports/,
    },
    {
      name: 'a command without {port}',
      change: [", '{port}'", ''],
      path: 'instances.mssql-rt.newInstance.command',
      line: 10,
      says: /no \{port\}/,
    },
    {
      name: 'a command without {dataRoot}',
      change: [", '{dataRoot}'", ''],
      path: 'instances.mssql-rt.newInstance.command',
      line: 10,
      says: /no \{dataRoot\}/,
    },
    {
      name: 'an empty command',
      change: ["[run, '{name}', '{port}', '{dataRoot}']", '[]'],
      path: 'instances.mssql-rt.newInstance.command',
      line: 10,
      says: /the program, then its arguments/,
    },
    {
      name: 'a folder for all new instances',
      change: ['new/{name}', 'new'],
      path: 'instances.mssql-rt.newInstance.dataRoot',
      line: 11,
      says: /no \{name\}/,
    },
    {
      name: 'a key that stands twice',
      change: ['    host:', '    dataRoot: a\n    host:'],
      path: '',
      line: 8,
      says: /unique/,
    },
    { name: 'what is no YAML', change: ['stores:', 'stores: ['], path: '', line: 3, says: /is not YAML/ },
  ];
  for (const { name, change, path, line, says } of cases) {
    it(name, () => {
      const issues = issuesOf(good.replace(...change));
      const found = issues.find((issue) => issue.path === path && says.test(issue.problem));
      assert.ok(found, `no such issue in ${JSON.stringify(issues, null, 1)}`);
      assert.equal(found.line, line);
    });
  }

  it('all mistakes at once, in the order of the lines', () => {
    const text = good
      .replace('host: 127.0.0.1', 'hots: 1')
      .replace('store: main', 'store: other')
      .replace('path: store', 'path: ""');
    assert.deepEqual(
      issuesOf(text).map(({ path, line }) => [path, line]),
      [
        ['stores.main.path', 2],
        ['instances.mssql-rt.host', 4],
        ['instances.mssql-rt.hots', 5],
        ['instances.mssql-rt.store', 8],
      ],
    );
  });

  it('two instances that share an address, and two that share a folder', () => {
    const twin = `${good}  two:
    host: 127.0.0.1
    login: { user: sa, password: { env: PW } }
    dataRoot: data
    store: main
`;
    assert.deepEqual(
      issuesOf(twin).map(({ path, line }) => [path, line]),
      [
        ['instances.two.host', 14],
        ['instances.two.dataRoot', 16],
      ],
    );
  });

  it('a secret that is written down, without repeating it', () => {
    for (const secret of [
      'hunter2',
      '{ value: hunter2 }',
      '[hunter2]',
      '{ env: [hunter2] }',
      '{ file: 1, env: hunter2 }',
    ]) {
      const text = good.replace('{ env: PW }', secret);
      const [issue] = issuesOf(text);
      assert.ok(issue?.path.startsWith('instances.mssql-rt.login.password'), secret);
      assert.ok(!JSON.stringify(issuesOf(text)).includes('hunter2'), secret);
    }
  });

  it('a text that begins with * and is taken for an alias, without repeating it', () => {
    const [issue] = issuesOf(good.replace('{ env: PW }', '*hunter2'));
    assert.match(issue?.problem ?? '', /alias/);
    assert.ok(!issue?.problem.includes('hunter2'));
  });

  it('an empty file', () => {
    for (const text of ['', '# nothing\n', 'null'])
      assert.match(issuesOf(text)[0]?.problem ?? '', /must be sections|is missing/);
  });
});

describe('finding temporal.yaml', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pitr-config-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('--config goes before MSSQL_PITR_CONFIG, which goes before the current folder', () => {
    const env = { MSSQL_PITR_CONFIG: '/b.yaml' };
    assert.deepEqual(configPath({ path: '/a.yaml', env, cwd: '/c' }), { path: '/a.yaml', named: true });
    assert.deepEqual(configPath({ env, cwd: '/c' }), { path: '/b.yaml', named: true });
    assert.deepEqual(configPath({ env: {}, cwd: '/c' }), { path: '/c/temporal.yaml', named: false });
    assert.deepEqual(configPath({ env: { MSSQL_PITR_CONFIG: '' }, cwd: '/c' }).path, '/c/temporal.yaml');
  });

  it('a file that is not there is said to be missing, with where to name another', () => {
    assert.throws(() => loadSettings({ env: {}, cwd: folder }), {
      name: 'ConfigError',
      message: `${join(folder, 'temporal.yaml')} does not exist; go to its folder, or name it with --config or MSSQL_PITR_CONFIG`,
    });
  });

  it('the message of all mistakes names the file and every line', () => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, good.replace('host: 127.0.0.1', 'hots: 1'));
    assert.throws(
      () => loadSettings({ path }),
      (error: Error) => {
        assert.match(
          error.message,
          /bad\.yaml has 2 mistakes:\n {2}line 4: instances\.mssql-rt\.host is missing.*\n {2}line 5: /,
        );
        return true;
      },
    );
  });
});
