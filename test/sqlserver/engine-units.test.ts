import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InstanceClock } from './engine/clock.ts';
import { ServerPaths } from './engine/files/paths.ts';
import { endOf, freeUnits, unitAt, unitCount, withUnit } from './engine/files/runs.ts';
import type { Run } from './engine/files/runs.ts';
import { lsnAt, lsnText, positionOf, SECTOR } from './engine/log/lsn.ts';
import { localTicks, toDatetime } from './engine/moment.ts';

const TICKS_PER_MS = 10_000n;

test('LSNs grow with positions, lead back to them and keep the three parts apart', () => {
  const sector = fc.integer({ min: 0, max: 2 ** 40 });
  fc.assert(
    fc.property(sector, sector, (a, b) => {
      const [x, y] = [lsnAt(a * SECTOR), lsnAt(b * SECTOR)];
      assert.equal(x < y, a < b);
      assert.equal(positionOf(x), a * SECTOR);
      assert.match(lsnText(x), /^\d+:\d+:1$/);
      assert.ok(x < 10n ** 25n);
    }),
  );
  assert.equal(lsnText(39_000_000_172_000_001n), '39:1720:1');
  assert.equal(positionOf(1n), undefined);
});

test('datetime keeps thirds of a hundredth of a second', () => {
  const second = localTicks(Date.UTC(2026, 3, 22, 20, 41, 49), 0);
  const rounded = (ms: bigint) => toDatetime({ ticks: second + ms * TICKS_PER_MS }).ticks - second;
  assert.deepEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 8n, 9n, 999n].map(rounded), [
    0n,
    0n,
    33_333n,
    33_333n,
    33_333n,
    66_666n,
    66_666n,
    66_666n,
    100_000n,
    10_000_000n,
  ]);
});

test('the clock knows its zone, on both sides of a change of the clocks', () => {
  const hour = 3_600_000;
  assert.equal(new InstanceClock('Asia/Bangkok').offsetMinutes(Date.UTC(2026, 0, 1)), 420);
  const berlin = new InstanceClock('Europe/Berlin');
  const autumn = Date.UTC(2026, 9, 25, 1);
  assert.deepEqual(
    [-1, 0, 24 * hour].map((ms) => berlin.offsetMinutes(autumn + ms)),
    [120, 60, 60],
  );
  assert.equal(new InstanceClock('Asia/Kathmandu').offsetMinutes(0), 330);
});

test('the clock never runs backwards and stays with the host', () => {
  const clock = new InstanceClock('UTC');
  let last = clock.now();
  for (let i = 0; i < 10_000; i += 1) {
    const now = clock.now();
    assert.ok(now >= last);
    last = now;
  }
  assert.ok(Math.abs(last - Date.now()) < 60);
});

test('free units are those that no list uses, lowest first', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 }), (units) => {
      const sorted = units.toSorted((a, b) => a - b);
      const runs = sorted.reduce<readonly Run[]>(withUnit, []);
      assert.deepEqual(
        sorted.map((_, i) => unitAt(runs, i)),
        sorted,
      );
      assert.equal(unitCount(runs), units.length);
      assert.equal(endOf([runs]), units.length === 0 ? 0 : sorted.at(-1)! + 1);
      const expected = Array.from({ length: 100 }, (_, i) => i).find((i) => !units.includes(i));
      assert.equal(freeUnits([runs]).next().value, expected);
    }),
  );
});

test('paths are those of the container, whatever way they are written, and lead nowhere else', () => {
  const paths = new ServerPaths('/host/root', [{ path: '/store', target: '/host/store' }]);
  assert.equal(paths.real('/var/opt/mssql/data/x.bak'), '/host/root/data/x.bak');
  assert.equal(paths.real('C:\\var\\opt\\mssql\\data\\x.bak'), '/host/root/data/x.bak');
  assert.equal(paths.real('x.bak'), '/host/root/data/x.bak');
  assert.equal(paths.real('/store/a/../b.bak'), '/host/store/b.bak');
  assert.equal(paths.real('/store/../etc/passwd'), undefined);
  assert.equal(paths.real('/storeroom/x'), undefined);
  assert.equal(paths.real('D:\\x.bak'), undefined);
  assert.equal(new ServerPaths('/host/root', [{ path: '/', target: '/' }]).real('/etc/hosts'), '/etc/hosts');
});
