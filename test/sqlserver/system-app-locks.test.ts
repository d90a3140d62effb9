import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { areCompatible, union } from './exec/system/app-lock-modes.ts';
import { ApplicationLocks } from './exec/system/index.ts';

type Request = Parameters<ApplicationLocks['acquire']>[0];

const request = (spid: number, mode: Request['mode'], changes: Partial<Request> = {}): Request => ({
  spid,
  databaseId: 1,
  principal: 'public',
  resource: 'r',
  owner: 'Session',
  mode,
  timeoutMs: 0,
  signal: new AbortController().signal,
  ...changes,
});

const forEver = { timeoutMs: undefined };

describe('application locks', () => {
  test('an exclusive lock is granted at once, and to nobody else', async () => {
    const locks = new ApplicationLocks();
    assert.equal(await locks.acquire(request(1, 'Exclusive')), 0);
    assert.equal(await locks.acquire(request(2, 'Shared')), -1);
    assert.equal(await locks.acquire(request(2, 'Shared', { databaseId: 2 })), 0);
    assert.equal(await locks.acquire(request(2, 'Shared', { resource: 'R' })), 0);
  });

  test('whoever waits gets 1 when the holder lets go', async () => {
    const locks = new ApplicationLocks();
    await locks.acquire(request(1, 'Exclusive'));
    const waiting = locks.acquire(request(2, 'Exclusive', forEver));
    locks.release(request(1, 'Exclusive'));
    assert.equal(await waiting, 1);
    assert.equal(locks.mode(request(2, 'Exclusive')), 'Exclusive');
  });

  test('a lock taken twice must be released twice', async () => {
    const locks = new ApplicationLocks();
    await locks.acquire(request(1, 'Exclusive'));
    await locks.acquire(request(1, 'Exclusive'));
    assert.equal(locks.release(request(1, 'Exclusive')), true);
    assert.equal(await locks.acquire(request(2, 'Shared')), -1);
    assert.equal(locks.release(request(1, 'Exclusive')), true);
    assert.equal(locks.release(request(1, 'Exclusive')), false);
    assert.equal(await locks.acquire(request(2, 'Shared')), 0);
  });

  test('a wait ends with -1 after its time and with -2 when it is aborted', async () => {
    const locks = new ApplicationLocks();
    await locks.acquire(request(1, 'Exclusive'));
    assert.equal(await locks.acquire(request(2, 'Shared', { timeoutMs: 5 })), -1);
    const controller = new AbortController();
    const waiting = locks.acquire(request(3, 'Shared', { ...forEver, signal: controller.signal }));
    controller.abort();
    assert.equal(await waiting, -2);
    assert.equal(await locks.acquire(request(3, 'Shared', { signal: controller.signal })), -2);
  });

  test('a new reader queues behind a writer that waits, and both go on when the way is free', async () => {
    const locks = new ApplicationLocks();
    await locks.acquire(request(1, 'Shared'));
    const writer = locks.acquire(request(2, 'Exclusive', forEver));
    assert.equal(await locks.acquire(request(3, 'Shared')), -1);
    const reader = locks.acquire(request(3, 'Shared', forEver));
    locks.endSession(1);
    assert.equal(await writer, 1);
    locks.endSession(2);
    assert.equal(await reader, 1);
  });

  test('several readers that wait for one writer are all let in', async () => {
    const locks = new ApplicationLocks();
    await locks.acquire(request(1, 'Exclusive'));
    const readers = [2, 3, 4].map((spid) => locks.acquire(request(spid, 'Shared', forEver)));
    locks.endSession(1);
    assert.deepEqual(await Promise.all(readers), [1, 1, 1]);
  });

  test('a waiter that gives up lets those behind it pass', async () => {
    const locks = new ApplicationLocks();
    await locks.acquire(request(1, 'Shared'));
    const controller = new AbortController();
    const writer = locks.acquire(request(2, 'Exclusive', { ...forEver, signal: controller.signal }));
    const reader = locks.acquire(request(3, 'Shared', forEver));
    controller.abort();
    assert.equal(await writer, -2);
    assert.equal(await reader, 1);
  });

  test('two sessions that wait for each other: the second is the deadlock victim', async () => {
    const locks = new ApplicationLocks();
    await locks.acquire(request(1, 'Exclusive', { resource: 'a' }));
    await locks.acquire(request(2, 'Exclusive', { resource: 'b' }));
    const first = locks.acquire(request(1, 'Exclusive', { resource: 'b', ...forEver }));
    assert.equal(await locks.acquire(request(2, 'Exclusive', { resource: 'a', ...forEver })), -3);
    locks.endSession(2);
    assert.equal(await first, 1);
  });

  test('locks of a transaction end with it, those of the session stay', async () => {
    const locks = new ApplicationLocks();
    await locks.acquire(request(1, 'Shared', { owner: 'Transaction' }));
    await locks.acquire(request(1, 'Shared'));
    locks.endTransaction(1);
    assert.deepEqual(
      [...locks.held()].map((lock) => lock.owner),
      ['Session'],
    );
    locks.endSession(1);
    assert.deepEqual([...locks.held()], []);
  });

  test('requests of one owner add up: Shared and IntentExclusive make SharedIntentExclusive', async () => {
    const locks = new ApplicationLocks();
    await locks.acquire(request(1, 'Shared'));
    await locks.acquire(request(1, 'IntentExclusive'));
    assert.equal(locks.mode(request(1, 'Shared')), 'SharedIntentExclusive');
    assert.equal(await locks.acquire(request(2, 'IntentShared')), 0);
    assert.equal(await locks.acquire(request(2, 'Shared')), -1);
  });

  test('what is granted at any moment is compatible between sessions', async () => {
    const modes = ['Shared', 'Update', 'IntentShared', 'IntentExclusive', 'Exclusive'] as const;
    const step = fc.record({
      spid: fc.integer({ min: 1, max: 4 }),
      mode: fc.constantFrom(...modes),
      release: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const locks = new ApplicationLocks();
        for (const { spid, mode, release } of steps) {
          if (release) locks.release(request(spid, mode));
          else await locks.acquire(request(spid, mode));
          const held = [...locks.held()];
          for (const a of held) {
            for (const b of held) assert.ok(a.spid === b.spid || areCompatible(a.mode, b.mode), `${a.mode} ${b.mode}`);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('the union of two modes stands against whatever either stands against', () => {
    const modes = ['Shared', 'Update', 'IntentShared', 'IntentExclusive', 'Exclusive'] as const;
    for (const a of modes) {
      for (const b of modes) {
        for (const other of modes) {
          if (!areCompatible(a, other) || !areCompatible(b, other)) assert.ok(!areCompatible(union(a, b), other));
        }
      }
    }
  });
});
