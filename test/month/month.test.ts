import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './simulate.ts';

test('a simulated month: the window is what the oracle finds, retention breaks no moment, the files are those that are needed', async () => {
  const seed = Number(process.env['MONTH_SEED'] ?? Date.now() % 1_000_000);
  const figures = await simulate({ seed, instances: 5, databases: 10, days: 30, onDisk: 2 }).catch((error: unknown) => {
    throw new Error(`MONTH_SEED=${seed} makes this month again`, { cause: error });
  });
  assert.ok(figures.removed > figures.sets / 3, `${figures.removed} of ${figures.sets} backups were removed`);
  assert.ok(figures.oracle > 500 && figures.restored > 500 && figures.storeRuns > 150 && figures.holds > 0);
  for (const fault of [
    'missed run',
    'foreign log',
    'lost file',
    'damaged backup',
    'restore over it',
    'copy-only full',
  ] as const) {
    assert.ok((figures.faults[fault] ?? 0) > 0, fault);
  }
});
