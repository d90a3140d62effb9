import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { loadSettings } from '../../client/config.ts';
import { ConfigError } from '../../client/config-issues.ts';

const day = 24 * 3_600_000;

/** @param own what the instances a, b, … say of retention */
function load(t: TestContext, whole: string, own: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'pitr-config-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'temporal.yaml');
  const instances = own.map((retention, i) => {
    const name = String.fromCharCode(97 + i);
    const login = '{ user: sa, password: { env: PASSWORD } }';
    return `  ${name}: { host: ${name}.example, login: ${login}, dataRoot: data-${name}, store: main${retention} }\n`;
  });
  writeFileSync(path, `${whole}stores: { main: { path: store } }\ninstances:\n${instances.join('')}`);
  return loadSettings({ path });
}

test('the policy of the file is that of every instance that does not say otherwise', (t) => {
  const own = ['', ', retention: { window: 36h }', ', retention: { minFulls: 5 }', ', retention: off'];
  assert.deepEqual(load(t, 'retention: { window: 14d, minFulls: 3 }\n', own).retention, {
    a: { windowMs: 14 * day, minFulls: 3 },
    b: { windowMs: 1.5 * day, minFulls: 3 },
    c: { windowMs: 14 * day, minFulls: 5 },
  });
});

test('without a window there is no policy, and two fulls stay unless told otherwise', (t) => {
  assert.equal(load(t, '', ['']).retention, undefined);
  assert.equal(load(t, 'retention: { minFulls: 3 }\n', ['']).retention, undefined);
  assert.equal(load(t, 'retention: off\n', ['']).retention, undefined);
  assert.deepEqual(load(t, '', ['', ', retention: { window: 7d }']).retention, {
    b: { windowMs: 7 * day, minFulls: 2 },
  });
});

test('a window that is none, no full at all, and unknown keys are refused', (t) => {
  for (const [wrong, message] of [
    ['{ window: 14 }', /retention\.window must be a time such as 14d/],
    ['{ window: 0d }', /retention\.window must be a time such as 14d/],
    ['{ window: 7d, minFulls: 0 }', /retention\.minFulls must be a whole number/],
    ['{ window: 7d, fulls: 2 }', /retention\.fulls is not a key here; known are window, minFulls/],
    ['14d', /retention must be a section/],
  ] as const) {
    assert.throws(
      () => load(t, `retention: ${wrong}\n`, ['']),
      (error) => error instanceof ConfigError && message.test(error.message),
      wrong,
    );
  }
});
