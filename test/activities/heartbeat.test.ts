import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pause, withHeartbeat, type Pulse } from '../../activities/heartbeat.ts';

function environment(heartbeatDetails?: unknown): { env: MockActivityEnvironment; beats: unknown[] } {
  const env = new MockActivityEnvironment({ heartbeatDetails }, { logger: new DefaultLogger('ERROR') });
  const beats: unknown[] = [];
  env.on('heartbeat', (details) => beats.push(details));
  return { env, beats };
}

test('work heartbeats at once with what the last attempt knew, then with its own latest progress', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { env, beats } = environment({ done: 3 });
    await env.run(() =>
      withHeartbeat(({ report }) => {
        report({ done: 4 });
        report({ done: 5 });
        mock.timers.tick(3_000);
        mock.timers.tick(3_000);
        return Promise.resolve();
      }),
    );
    assert.deepEqual(beats, [{ done: 3 }, { done: 5 }, { done: 5 }]);
  } finally {
    mock.timers.reset();
  }
});

test('nothing beats any more when the work has ended, well or not', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { env, beats } = environment();
    await assert.rejects(
      env.run(() => withHeartbeat(() => Promise.reject(new Error('broken')))),
      /broken/,
    );
    const before = beats.length;
    mock.timers.tick(60_000);
    assert.equal(beats.length, before);
  } finally {
    mock.timers.reset();
  }
});

test('a pause ends with the cancellation, whether it comes before or during', async () => {
  const { env } = environment();
  const waiting = Promise.withResolvers<Pulse>();
  const running = env.run(() =>
    withHeartbeat(async (pulse) => {
      waiting.resolve(pulse);
      await pause(60_000, pulse.signal);
    }),
  );
  const { signal } = await waiting.promise;
  env.cancel('TIMED_OUT');
  await assert.rejects(running, { name: 'CancelledFailure', message: 'TIMED_OUT' });
  await assert.rejects(pause(60_000, signal), { name: 'CancelledFailure', message: 'TIMED_OUT' });
});
