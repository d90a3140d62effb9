import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { debianPackages, pythonPackage } from '../../clients/install.ts';
import { run } from '../../cluster/host/command.ts';
import { dashboard, dashboardFile, metricsRead, queries, rules, rulesFile, type Panel } from './dashboard.ts';

let promtool = '';
let folder = '';
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pitr-monitoring-'));
  promtool = join(await debianPackages('prometheus', ['prometheus']), 'usr', 'bin', 'promtool');
});
after(() => rmSync(folder, { recursive: true }));

describe('the alert rules', () => {
  it('are right for promtool', async () => {
    assert.match(await run(promtool, ['check', 'rules', rulesFile]), /SUCCESS/);
  });

  it('raise what they should and nothing else, in the cases of promtool', async () => {
    await run(promtool, ['test', 'rules', join(import.meta.dirname, 'cases.yaml')]);
  });

  it('would not pass those cases were a threshold another one', async () => {
    const cases = join(import.meta.dirname, 'cases.yaml');
    writeFileSync(join(folder, 'rules.yaml'), readFileSync(rulesFile, 'utf8').replace('> 900', '> 9000'));
    writeFileSync(
      join(folder, 'cases.yaml'),
      readFileSync(cases, 'utf8').replace(/- \.\.\/.*rules\.yaml/, '- rules.yaml'),
    );
    await assert.rejects(run(promtool, ['test', 'rules', join(folder, 'cases.yaml')]));
  });

  it('each have a case', async () => {
    const cases = readFileSync(join(import.meta.dirname, 'cases.yaml'), 'utf8');
    const alerts = rules.groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));
    assert.ok(alerts.length > 10);
    assert.deepEqual(
      alerts.filter((alert) => !cases.includes(`alertname: ${alert}`)),
      [],
    );
  });
});

describe('the dashboard', () => {
  it("survives the model of Grafana's own SDK: no key of it is unknown or in a wrong place", async () => {
    const python = await pythonPackage('grafana-foundation-sdk==1769699998!10.1.0');
    const text = await run(python, [join(import.meta.dirname, 'round-trip.py'), dashboardFile]);
    assert.deepEqual(lost(dashboard, JSON.parse(text)), []);
    assert.deepEqual(lost({ panels: [{ nonsense: 1 }] }, { panels: [{}] }), ['.panels[0].nonsense']);
  });

  it('has queries that Prometheus takes', async () => {
    const file = join(folder, 'queries.yaml');
    const asRules = queries().map(({ expr }, n) => ({ record: `dashboard:query:${n}`, expr }));
    assert.ok(asRules.length > 15);
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules: asRules }] }));
    assert.match(await run(promtool, ['check', 'rules', file]), /SUCCESS/);
  });

  it('says of each panel what it shows, and lays none over another', () => {
    const shown = dashboard.panels.filter(({ type }) => type !== 'row');
    for (const { title, description } of shown) assert.ok(title && description, title);
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
    for (const [i, panel] of dashboard.panels.entries()) {
      assert.ok(panel.gridPos.x + panel.gridPos.w <= 24, panel.title);
      const over = dashboard.panels.slice(i + 1).filter((other) => overlap(panel, other));
      assert.deepEqual(over, [], panel.title);
    }
  });
});

it('rules and dashboard read metrics by the names that Prometheus gives them', () => {
  const read = metricsRead();
  assert.ok(read.has('mssql_pitr_latest_restorable_timestamp_seconds') && read.size > 15);
  for (const name of read) {
    assert.match(name, /^(mssql_pitr|temporal)_[a-z_]+$/);
  }
});

/** Paths of what is in one document and not in the other. */
function lost(ours: unknown, theirs: unknown, path = ''): string[] {
  if (typeof ours !== 'object' || ours === null) return Object.is(ours, theirs) ? [] : [path];
  if (typeof theirs !== 'object' || theirs === null) return [path];
  return Object.entries(ours).flatMap(([key, value]) => {
    const at = Array.isArray(ours) ? `${path}[${key}]` : `${path}.${key}`;
    // The model leaves out what is empty, and what it says by default.
    if (isEmpty(value) && !(key in theirs)) return [];
    return key in theirs ? lost(value, (theirs as Record<string, unknown>)[key], at) : [at];
  });
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
