import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { connect } from '../../activities/sql-server/connection.ts';
import type { SqlEndpoint } from '../../activities/platform/platform.ts';

interface Mute {
  readonly endpoint: SqlEndpoint;
  readonly reached: Promise<Socket>;
}

/** Takes connections and says nothing. */
async function muteServer(t: TestContext): Promise<Mute> {
  const reached = Promise.withResolvers<Socket>();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.resume();
    reached.resolve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const tls = { encrypt: true, trustServerCertificate: true };
  return { endpoint: { host: '127.0.0.1', port, user: 'sa', password: 'x', tls }, reached: reached.promise };
}

/** Shorter than the driver's own patience with a server that does not answer, which is what these tests are about. */
const withinMs = 10_000;

test(
  'a login that nobody answers ends with the cancellation, and lets the connection go',
  { timeout: withinMs },
  async (t) => {
    const { endpoint, reached } = await muteServer(t);
    const stop = new AbortController();
    const connecting = connect(endpoint, { session: 'run-1', signal: stop.signal });
    const socket = await reached;
    const gone = once(socket, 'close');
    stop.abort();
    await assert.rejects(connecting, { name: 'CancelledFailure' });
    await gone;
  },
);

test('within an activity its cancellation does the same without being told', { timeout: withinMs }, async (t) => {
  const { endpoint, reached } = await muteServer(t);
  const environment = new MockActivityEnvironment();
  const running: Promise<unknown> = environment.run(() => connect(endpoint, { session: 'run-1', single: true }));
  await reached;
  environment.cancel('WORKER_SHUTDOWN');
  await assert.rejects(running, { name: 'CancelledFailure' });
});

test('nothing is opened once it is cancelled', async (t) => {
  const { endpoint } = await muteServer(t);
  await assert.rejects(connect(endpoint, { session: 'run-1', signal: AbortSignal.abort() }), {
    name: 'CancelledFailure',
  });
});
