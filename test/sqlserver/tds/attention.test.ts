import assert from 'node:assert/strict';
import { test } from 'node:test';
import type sql from 'mssql';
import { Request } from 'tedious';
import type { ResultSink } from '../contracts.ts';
import { PacketType } from './packet.ts';
import { openPool, openTedious, until } from './testing/clients.ts';
import { INT, SELECT, fakeInstance } from './testing/fake-server.ts';
import { loggedIn } from './testing/raw-client.ts';

const ATTENTION_ACK = 'fd2000fd000000000000000000';
const NOTHING = Buffer.alloc(0);

/** Runs until it is cancelled, and then fails as a session does. */
async function waitFor(_text: string, sink: ResultSink, signal: AbortSignal): Promise<void> {
  sink.columns([{ name: 'n', type: INT }]);
  sink.row([1]);
  sink.done({ curCmd: SELECT, rowCount: 1 });
  sink.flush();
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

const untilRunning = (running: () => number | undefined): Promise<void> =>
  until(() => running() === 1, 'the request runs');

test('a cancelled request fails with ECANCEL, its signal fires and its connection goes on', async () => {
  let batches = 0;
  await using instance = await fakeInstance({
    async batch(text, sink, signal) {
      if (++batches === 1) return waitFor(text, sink, signal);
      sink.done({ curCmd: SELECT });
    },
  });
  await using client = await openPool(instance);
  const request = client.pool.request();
  const result = request.batch('WAITFOR');
  await untilRunning(() => instance.server.lastSession.running);
  request.cancel();
  await assert.rejects(result, (error: sql.RequestError) => error.code === 'ECANCEL');
  await client.pool.request().batch('SELECT 2');
  assert.equal(batches, 2);
  assert.equal(instance.server.sessions.length, 2);
});

test('a request that runs into its timeout is cancelled on the server', async () => {
  // Without output: tedious stops its timer when the first packet of the answer arrives.
  await using instance = await fakeInstance({
    batch: (_text, _sink, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  });
  await using client = await openPool(instance, { requestTimeout: 50 });
  await assert.rejects(client.pool.request().batch('WAITFOR'), (error: sql.RequestError) => error.code === 'ETIMEOUT');
  await until(() => instance.server.lastSession.running === 0, 'the batch has ended');
});

test('an attention is answered by the end of the request with ERROR and no error message, then by a message of its own', async () => {
  await using instance = await fakeInstance({ batch: waitFor });
  await using client = await loggedIn(instance.port);
  client.sendBatch('WAITFOR');
  await untilRunning(() => instance.server.lastSession.running);
  client.send(PacketType.attention, NOTHING);
  const answer = (await client.next())?.toString('hex');
  assert.ok(answer?.endsWith('fd1100c100' + '0100000000000000' + 'fd0200fd000000000000000000'), answer);
  assert.equal((await client.next())?.toString('hex'), ATTENTION_ACK);
  client.send(PacketType.attention, NOTHING);
  assert.equal((await client.next())?.toString('hex'), ATTENTION_ACK);
});

test('a statement that finishes in spite of an attention is answered as finished, and the attention is acknowledged', async () => {
  await using instance = await fakeInstance({
    async batch(_text, sink, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      sink.done({ curCmd: 228 });
    },
  });
  await using client = await loggedIn(instance.port);
  client.sendBatch('BACKUP');
  await untilRunning(() => instance.server.lastSession.running);
  client.send(PacketType.attention, NOTHING);
  assert.equal((await client.next())?.toString('hex'), 'fd0000e4000000000000000000');
  assert.equal((await client.next())?.toString('hex'), ATTENTION_ACK);
});

test('an attention that comes right behind its request, in the same segment, is seen', async () => {
  await using instance = await fakeInstance({ batch: waitFor });
  await using client = await loggedIn(instance.port);
  client.socket.cork();
  client.sendBatch('WAITFOR');
  client.send(PacketType.attention, NOTHING);
  client.socket.uncork();
  assert.ok((await client.next())?.toString('hex').endsWith('fd0200fd000000000000000000'));
  assert.equal((await client.next())?.toString('hex'), ATTENTION_ACK);
});

test('the rollback that a cancelled request causes is told to the client', async () => {
  await using instance = await fakeInstance({
    async batch(_text, sink, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      sink.message({ number: 3013, class: 16, state: 1, text: 'not to be seen' });
      sink.env({ kind: 'rollback', transaction: 5n });
      throw signal.reason;
    },
  });
  await using client = await loggedIn(instance.port);
  client.sendBatch('WAITFOR');
  await untilRunning(() => instance.server.lastSession.running);
  client.send(PacketType.attention, NOTHING);
  assert.equal(
    (await client.next())?.toString('hex'),
    'e30b000a0008' + '0500000000000000' + 'fd0200fd000000000000000000',
  );
});

test('a stream of rows without an end is stopped by a cancel', async () => {
  await using instance = await fakeInstance({
    async batch(_text, sink, signal) {
      sink.columns([{ name: 'n', type: INT }]);
      for (let n = 0; !signal.aborted; n++) {
        sink.row([n]);
        await sink.ready();
      }
      throw signal.reason;
    },
  });
  await using client = await openTedious(instance);
  await assert.rejects(
    client.run((done) => {
      const request = new Request('SELECT', done);
      request.once('row', () => client.connection.cancel());
      return request;
    }),
    (error: Error & { code?: string }) => error.code === 'ECANCEL',
  );
  assert.equal(instance.server.lastSession.running, 0);
});

test('a remote procedure call that is cancelled ends with a DONEPROC that has the ERROR bit', async () => {
  await using instance = await fakeInstance({ rpc: (_call, sink, signal) => waitFor('', sink, signal) });
  await using client = await openPool(instance);
  const request = client.pool.request();
  const result = request.query('WAITFOR');
  await untilRunning(() => instance.server.lastSession.running);
  request.cancel();
  await assert.rejects(result, (error: sql.RequestError) => error.code === 'ECANCEL');
  assert.deepEqual((await client.pool.request().batch('SELECT 1')).recordset, [{ '': 1 }]);
});

test('a request that the client gave up while sending it is answered by one DONE with ERROR and never runs', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  await using instance = await fakeInstance({ batch: (text) => resolve(text) });
  await using client = await loggedIn(instance.port);
  client.sendBatch('half of a request', 0x00);
  client.send(PacketType.batch, NOTHING, 0x03);
  assert.equal((await client.next())?.toString('hex'), 'fd0200fd000000000000000000');
  client.sendBatch('whole');
  assert.equal(await promise, 'whole');
});
