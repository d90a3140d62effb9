import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SqlValue } from './contracts.ts';
import { Lab } from './engine/testing/harness.ts';

type Step =
  | { readonly do: 'insert' | 'delete' | 'update'; readonly id: number; readonly body: string }
  | { readonly do: 'commit' | 'rollback' | 'savepoint' | 'back' | 'truncate' | 'checkpoint' | 'kill' | 'stop' };

const id = fc.integer({ min: 0, max: 20 });
const body = fc.string({ unit: 'binary', maxLength: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('insert', 'delete', 'update'), id, body }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('rollback', 'savepoint', 'back', 'truncate', 'checkpoint', 'kill', 'stop'),
    }),
  },
);

type Rows = ReadonlyMap<number, string>;

/** The same steps on a Map and on a database; both must tell the same story after every restart. */
async function play(lab: Lab, name: string, steps: readonly Step[]): Promise<void> {
  await lab.create(name);
  let committed: Rows = new Map();
  let current = new Map<number, string>();
  let saved: { readonly rows: Rows; readonly point: number } | undefined;
  const items = () => lab.database(name).table('dbo', 'items')!;
  let transaction = lab.database(name).begin();
  const stored = (): Rows => new Map([...items().rows()].map((r) => [Number(r.values[0]), r.values[1] as string]));
  const restart = () => {
    saved = undefined;
    current = new Map(committed);
    transaction = lab.database(name).begin();
  };
  for (const s of steps) {
    switch (s.do) {
      case 'insert':
        if (current.has(s.id)) assert.throws(() => transaction.insert(items(), [s.id, s.body]), /Msg 2627/);
        else {
          transaction.insert(items(), [s.id, s.body]);
          current.set(s.id, s.body);
        }
        break;
      case 'update':
      case 'delete': {
        const [row] = items().seek(['id'], [s.id])!;
        assert.equal(row !== undefined, current.has(s.id));
        if (row === undefined) break;
        if (s.do === 'delete') {
          transaction.delete(items(), row);
          current.delete(s.id);
        } else {
          transaction.update(items(), row, [s.id, s.body]);
          current.set(s.id, s.body);
        }
        break;
      }
      case 'truncate':
        transaction.truncate(items());
        current.clear();
        break;
      case 'savepoint':
        saved = { rows: new Map(current), point: transaction.savepoint() };
        break;
      case 'back':
        if (saved === undefined) break;
        transaction.rollbackTo(saved.point);
        current = new Map(saved.rows);
        break;
      case 'commit':
        transaction.commit();
        committed = new Map(current);
        restart();
        break;
      case 'rollback':
        transaction.rollback();
        restart();
        break;
      case 'checkpoint': {
        const { storage } = lab.database(name);
        storage.unpin(await storage.checkpoint());
        break;
      }
      case 'kill':
        await lab.reopen();
        restart();
        break;
      case 'stop':
        transaction.rollback();
        await lab.instance.close();
        await lab.reopen();
        restart();
        break;
    }
    assert.deepEqual(stored(), current);
  }
  await lab.reopen();
  assert.deepEqual(stored(), committed);
}

test('whatever was committed is there after any kill, and nothing else', async () => {
  await using lab = await Lab.open();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), (steps) => play(lab, `db${(runs += 1)}`, steps)),
    { numRuns: 120 },
  );
});

test('a torn end of the log is cut off and the next commit follows the last whole one', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  lab.insert('shop', 1);
  const path = lab.database('shop').realPath('LOG');
  appendFileSync(path, Buffer.concat([Buffer.from('GBOL'), Buffer.alloc(700, 7)]));
  await lab.reopen();
  assert.deepEqual(lab.ids('shop'), [1]);
  lab.insert('shop', 2);
  await lab.reopen();
  assert.deepEqual(lab.ids('shop'), [1, 2]);
});

test('every kind of value comes back from log and snapshot as it went in', async () => {
  const values: readonly SqlValue[] = [
    null,
    true,
    -1,
    2.5,
    -0,
    9_007_199_254_740_993n,
    -(2n ** 70n),
    'text \u{1f600} \ud800',
    new Uint8Array([0, 255]),
    { unscaled: -12_345n, scale: 2 },
    { ticks: 638_000_000_000_000_001n },
    { ticks: 1n, offsetMinutes: -420 },
    { type: { name: 'nvarchar', length: 10 }, value: 'x' },
  ];
  await using lab = await Lab.open();
  const columns = values.map((_, i) => ({ name: `c${i}`, type: { name: 'sql_variant' } as const, nullable: true }));
  const database = await lab.create('shop', {
    schema: 'dbo',
    name: 'v',
    columns,
    keys: [],
    checks: [],
    foreignKeys: [],
  });
  const transaction = database.begin();
  transaction.insert(database.table('dbo', 'v')!, values);
  transaction.commit();
  const read = () => [...lab.database('shop').table('dbo', 'v')!.rows()].map((r) => r.values);
  await lab.reopen();
  assert.deepEqual(read(), [values]);
  await lab.instance.close();
  await lab.reopen();
  assert.deepEqual(read(), [values]);
});
