import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import type sql from 'mssql';
import { SqlError } from '../contracts.ts';
import { TDS_7_3, TDS_7_4 } from './login7.ts';
import { PacketType } from './packet.ts';
import { allHeaders, batchPayload, loggedIn, RawClient } from './testing/raw-client.ts';
import { openPool, openTedious, until } from './testing/clients.ts';
import { PASSWORD, fakeInstance } from './testing/fake-server.ts';

test('the login reaches the server with what the client says of itself', async () => {
  await using instance = await fakeInstance();
  await using client = await openTedious(instance, {
    appName: 'mssql-pitr',
    database: 'dätabase',
    workstationId: 'ws',
  });
  assert.equal(client.connection.state.name, 'LoggedIn');
  const { disconnect, ...login } = instance.server.lastSession.login;
  assert.deepEqual(login, {
    user: 'sa',
    password: PASSWORD,
    database: 'dätabase',
    hostName: 'ws',
    appName: 'mssql-pitr',
    libraryName: 'Tedious',
    language: 'us_english',
    clientAddress: '127.0.0.1',
  });
  assert.equal(typeof disconnect, 'function');
});

test('a wrong password gives 18456 and the connection ends', async () => {
  await using instance = await fakeInstance();
  await assert.rejects(openPool(instance, { password: 'wrong' }), (error: sql.ConnectionError) => {
    assert.equal(error.code, 'ELOGIN');
    assert.match(error.message, /Login failed for user 'sa'\./);
    return true;
  });
  assert.equal(instance.server.sessions.length, 0);
});

test('the tokens of a login answer come in the order of SQL Server, in packets that carry the session id', async () => {
  await using instance = await fakeInstance();
  await using client = new RawClient(instance.port);
  await client.prelogin();
  const answer = await client.login();
  const tokens: number[] = [];
  for (let at = 0; at < answer.length;) {
    const token = answer.readUInt8(at);
    tokens.push(token);
    at += token === 0xfd ? 13 : 3 + answer.readUInt16LE(at + 1);
  }
  assert.deepEqual(tokens, [0xe3, 0xab, 0xe3, 0xe3, 0xab, 0xad, 0xe3, 0xfd]);
  assert.equal(client.spids.at(-1), instance.server.lastSession.spid);
  assert.ok(answer.includes(Buffer.from('ad32000174000004', 'hex')));
});

test('a client of TDS 7.3 gets 7.3, one of 7.2 is refused', async () => {
  await using instance = await fakeInstance();
  for (const [version, granted] of [
    [TDS_7_3 + 0x10000, '730b0003'],
    [TDS_7_4, '74000004'],
  ] as const) {
    await using client = new RawClient(instance.port);
    await client.prelogin();
    assert.ok((await client.login(version)).toString('hex').includes(`ad320001${granted}`));
  }
  await using old = new RawClient(instance.port);
  await old.prelogin();
  const answer = await old.login(0x72090002);
  assert.ok(answer.includes(Buffer.from('TDS 7.3 and later', 'utf16le')));
  assert.equal(await old.next(), undefined);
});

test('a dropped connection aborts what runs, and its session is closed once, after the work is over', async () => {
  const order: string[] = [];
  await using instance = await fakeInstance({
    async batch(_text, _sink, signal, session) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      order.push(`aborted, ${session.closes} closed`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`over, ${session.closes} closed`);
    },
  });
  await using client = await loggedIn(instance.port);
  const session = instance.server.lastSession;
  client.sendBatch('WAITFOR');
  await until(() => session.running === 1, 'the request runs');
  client.socket.resetAndDestroy();
  await until(() => session.closes > 0, 'the session is closed');
  await instance.listener.close();
  assert.equal(session.closes, 1);
  assert.deepEqual(order, ['aborted, 0 closed', 'over, 0 closed']);
  assert.deepEqual(instance.logged, []);
});

test('a listener that closes ends its connections and their sessions', async () => {
  const instance = await fakeInstance();
  await using first = await loggedIn(instance.port);
  await using second = await loggedIn(instance.port);
  await instance.listener.close();
  assert.deepEqual(
    instance.server.sessions.map((session) => session.closes),
    [1, 1],
  );
  assert.equal(await first.next(), undefined);
  assert.equal(await second.next(), undefined);
});

test('the server can end a connection (KILL)', async () => {
  await using instance = await fakeInstance();
  await using client = await loggedIn(instance.port);
  instance.server.lastSession.login.disconnect?.();
  assert.equal(await client.next(), undefined);
  await until(() => instance.server.lastSession.closes === 1, 'the session is closed');
});

test('an error of class 20 and above ends the connection after it was sent', async () => {
  await using instance = await fakeInstance({
    batch() {
      throw new SqlError({
        number: 596,
        class: 21,
        state: 1,
        text: 'Cannot continue the execution because the session is in the kill state.',
      });
    },
  });
  await using client = await loggedIn(instance.port);
  client.sendBatch('SELECT');
  assert.ok((await client.next())?.includes(Buffer.from('kill state', 'utf16le')));
  assert.equal(await client.next(), undefined);
});

test('requests that come without waiting for answers run one after the other', async () => {
  const texts: string[] = [];
  await using instance = await fakeInstance({
    async batch(text, sink) {
      await new Promise((resolve) => setImmediate(resolve));
      texts.push(text);
      sink.done({ curCmd: texts.length });
    },
  });
  await using client = await loggedIn(instance.port);
  for (const text of ['one', 'two', 'three']) client.sendBatch(text);
  for (const curCmd of [1, 2, 3]) assert.equal((await client.next())?.readUInt16LE(3), curCmd);
  assert.deepEqual(texts, ['one', 'two', 'three']);
});

for (const [what, bytes] of [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['a packet shorter than its header', Buffer.of(0x12, 1, 0, 4, 0, 0, 0, 0)],
  ['a LOGIN7 without PRELOGIN', Buffer.of(0x10, 1, 0, 9, 0, 0, 0, 0, 0)],
  ['a PRELOGIN without an end', Buffer.of(0x12, 1, 0, 9, 0, 0, 0, 0, 0)],
  ['a broken TLS hello', Buffer.from('16030100050100000100', 'hex')],
] as const) {
  test(`a peer that sends ${what} is hung up on`, async () => {
    await using instance = await fakeInstance();
    const socket = connect({ port: instance.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(bytes);
    await once(socket, 'close');
    assert.equal(instance.logged.length, 1);
  });
}

test('a request that ends too early is an error that ends the connection, nothing more', async () => {
  await using instance = await fakeInstance();
  for (const payload of [Buffer.of(1, 2), Buffer.concat([allHeaders(), Buffer.of(0xff, 0xff, 10, 0, 0, 0, 5, 65)])]) {
    await using client = await loggedIn(instance.port);
    client.send(PacketType.rpc, payload);
    assert.ok((await client.next())?.includes(Buffer.from('protocol stream is incorrect', 'utf16le')));
    assert.equal(await client.next(), undefined);
  }
  await using client = await loggedIn(instance.port);
  client.send(PacketType.batch, batchPayload('SELECT 1'));
  assert.ok((await client.next())?.length);
});

test('two thousand connections come and go, and nothing of them stays', async () => {
  await using instance = await fakeInstance();
  const rounds = 100;
  const atOnce = 20;
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        await using client = await loggedIn(instance.port);
        client.sendBatch('SELECT 1');
        assert.ok(await client.next());
      }),
    );
  }
  const { sessions } = instance.server;
  assert.equal(sessions.length, rounds * atOnce);
  await until(() => sessions.every((session) => session.closes === 1), 'every session is closed');
  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  await until(() => sockets() === 0, 'no socket is left');
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  assert.ok(timers < 5, `${timers} timers are left`);
});
