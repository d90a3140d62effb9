import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import type sql from 'mssql';
import { Request } from 'tedious';
import { PacketType } from './packet.ts';
import { Encryption } from './prelogin.ts';
import { selfSigned } from './self-signed.ts';
import { openPool, openTedious, until } from './testing/clients.ts';
import { fakeInstance } from './testing/fake-server.ts';
import { RawClient } from './testing/raw-client.ts';

const one = [{ '': 1 }];

for (const [wish, answer] of [
  [Encryption.off, Encryption.off],
  [Encryption.on, Encryption.on],
  [Encryption.required, Encryption.on],
  [Encryption.notSupported, Encryption.notSupported],
] as const) {
  test(`a client that offers encryption ${wish} gets ${answer}, the version and no MARS`, async () => {
    await using instance = await fakeInstance();
    await using client = new RawClient(instance.port);
    const prelogin = await client.prelogin(wish);
    const values = prelogin.subarray(5 * 5 + 1);
    assert.equal(values.toString('hex'), '1000108c0000' + `0${answer}` + '00' + '00');
  });
}

test('mssql works over an encrypted connection whose certificate it does not verify', async () => {
  await using instance = await fakeInstance();
  await using client = await openPool(instance, { options: { encrypt: true, trustServerCertificate: true } });
  assert.deepEqual((await client.pool.request().batch('SELECT 1')).recordset, one);
});

for (const server of ['localhost', '127.0.0.1']) {
  test(`mssql verifies the certificate for ${server} when it is given as ca`, async () => {
    await using instance = await fakeInstance();
    const options = {
      encrypt: true,
      trustServerCertificate: false,
      cryptoCredentialsDetails: { ca: instance.listener.certificate },
    };
    await using client = await openPool(instance, { server, options });
    assert.deepEqual((await client.pool.request().batch('SELECT 1')).recordset, one);
  });
}

test('a client that verifies and does not know the certificate does not get in', async () => {
  await using instance = await fakeInstance();
  await assert.rejects(
    openPool(instance, { options: { encrypt: true, trustServerCertificate: false } }),
    (error: sql.ConnectionError) => /self-signed certificate/.test(error.message),
  );
  assert.equal(instance.server.sessions.length, 0);
});

test('a client that offers OFF logs in through TLS, and everything after its LOGIN7 is in clear text', async () => {
  await using instance = await fakeInstance();
  await using client = new RawClient(instance.port);
  await client.prelogin(Encryption.off);
  const answer = await client.loginThroughTls();
  assert.ok(answer.includes(Buffer.from('Microsoft SQL Server', 'utf16le')));
  client.sendBatch('SELECT 1');
  assert.ok((await client.next())?.toString('hex').endsWith('d101000000fd1000c1000100000000000000'));
});

test('a strict connection (TDS 8) does TLS first and agrees on tds/8.0', async () => {
  await using instance = await fakeInstance();
  const socket = connect({
    port: instance.port,
    host: '127.0.0.1',
    ca: instance.listener.certificate,
    servername: 'localhost',
    ALPNProtocols: ['tds/8.0'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.on('secureConnect', resolve);
  socket.on('error', reject);
  await promise;
  assert.equal(socket.alpnProtocol, 'tds/8.0');
  assert.equal(socket.getProtocol(), 'TLSv1.3');
  socket.destroy();
});

test('tedious works with strict encryption', async () => {
  await using instance = await fakeInstance();
  const options = {
    trustServerCertificate: false,
    serverName: 'localhost',
    cryptoCredentialsDetails: { ca: instance.listener.certificate },
  };
  await using client = await openTedious(instance, { ...options, encrypt: 'strict' });
  const rows: unknown[] = [];
  await client.run((done) => {
    const request = new Request('SELECT 1', done);
    request.on('row', (columns: { value: unknown }[]) => rows.push(columns[0]?.value));
    return request;
  });
  assert.deepEqual(rows, [1]);
});

test('a large answer and a large request pass an encrypted connection', async () => {
  await using instance = await fakeInstance();
  await using client = await openPool(instance, { options: { encrypt: true, trustServerCertificate: true } });
  const text = 'abcdefgh'.repeat(250_000);
  const { recordset } = await client.pool.request().input('t', text).query<{ t: string }>('SELECT @t');
  assert.ok(recordset[0]?.t === text);
});

test('a server uses the certificate it is given', async () => {
  const certificate = selfSigned(['sql1.example', '10.0.0.7', 'fe80::1']);
  const parsed = new X509Certificate(certificate.cert);
  assert.equal(parsed.subject, 'CN=sql1.example');
  assert.equal(parsed.subjectAltName, 'DNS:sql1.example, IP Address:10.0.0.7, IP Address:FE80:0:0:0:0:0:0:1');
  assert.equal(parsed.ca, false);
  assert.ok(parsed.verify(parsed.publicKey));
  await using instance = await fakeInstance({}, { certificate });
  assert.equal(instance.listener.certificate, certificate.cert);
  const options = { encrypt: true, trustServerCertificate: false, cryptoCredentialsDetails: { ca: certificate.cert } };
  await assert.rejects(openPool(instance, { options }), /altnames/);
  await using client = await openPool(instance, {
    server: '127.0.0.1',
    options: { ...options, trustServerCertificate: true },
  });
  assert.deepEqual((await client.pool.request().batch('SELECT 1')).recordset, one);
});

test('clients that vanish during the handshake, after the login or within an answer leave nothing behind', async () => {
  await using instance = await fakeInstance({
    async batch(_text, sink, signal) {
      sink.columns([{ name: 'v', type: { name: 'varbinary', length: -1 } }]);
      while (!signal.aborted) {
        sink.row([new Uint8Array(50_000)]);
        await sink.ready();
      }
    },
  });
  for (let round = 0; round < 30; round++) {
    await using handshaking = new RawClient(instance.port);
    await handshaking.prelogin(Encryption.on);
    handshaking.send(PacketType.prelogin, Buffer.from('16030100', 'hex'));
    await using client = await openTedious(instance, { encrypt: true });
    if (round % 2 === 0) continue;
    const request = new Request('SELECT', () => undefined);
    const firstRow = once(request, 'row');
    client.connection.execSqlBatch(request);
    await firstRow;
  }
  const { sessions } = instance.server;
  await until(
    () => sessions.every((session) => session.closes === 1 && session.running === 0),
    'every session is closed',
  );
  assert.equal(sessions.length, 30);
  assert.deepEqual(instance.logged, []);
});
