import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqlError, type LoginRequest, type ResultSink, type RpcCall, type Session } from '../sqlserver/contracts.ts';
import { listen } from '../sqlserver/tds/server.ts';
import type { SqlEndpoint } from '../../activities/platform/platform.ts';
import { failureType } from '../../activities/failure.ts';
import { connect } from '../../activities/sql-server/connection.ts';
import type { ServerError } from '../../activities/sql-server/map-error.ts';
import { query } from '../../activities/sql-server/query.ts';
import { until } from '../support/until.ts';

type Batch = (text: string, sink: ResultSink, signal: AbortSignal) => Promise<void> | void;

interface Scripted {
  readonly endpoint: SqlEndpoint;
  readonly logins: LoginRequest[];
  /** Sessions that are open. */
  readonly open: Set<number>;
  readonly certificate: string;
  close(): Promise<void>;
}

/** A server on the wire that knows no SQL: the test says what a batch does. */
async function scripted(batch: Batch, login: (request: LoginRequest) => void = () => undefined): Promise<Scripted> {
  const logins: LoginRequest[] = [];
  const open = new Set<number>();
  const answer = (sink: ResultSink): void => {
    sink.columns([{ name: 'spid', type: { name: 'int' } }]);
    sink.row([open.size]);
    sink.done({ curCmd: 193, rowCount: 1 });
  };
  const session = (spid: number): Session => ({
    spid,
    database: 'master',
    async batch(text, sink, signal) {
      if (text.startsWith('set ')) for (const _ of text.split('\n')) sink.done({ curCmd: 249 });
      else await batch(text, sink, signal);
    },
    async rpc(call: RpcCall, sink, signal) {
      const text = call.parameters[0]?.value;
      if (typeof text === 'string' && text.startsWith('WAIT')) await batch(text, sink, signal);
      else answer(sink);
    },
    transaction: () => Promise.reject(new Error('not scripted')),
    reset: () => Promise.resolve(),
    close: () => {
      open.delete(spid);
      return Promise.resolve();
    },
  });
  const listener = await listen({
    port: 0,
    host: '127.0.0.1',
    server: {
      serverName: 'scripted',
      version: [16, 0, 4236],
      login: (request) => {
        login(request);
        logins.push(request);
        open.add(logins.length);
        return Promise.resolve(session(logins.length));
      },
    },
    log: () => undefined,
  });
  return {
    endpoint: {
      host: '127.0.0.1',
      port: listener.port,
      user: 'sa',
      password: 'secret-of-sa',
      tls: { encrypt: true, trustServerCertificate: true },
    },
    logins,
    open,
    certificate: listener.certificate,
    close: () => listener.close(),
  };
}

const info = (number: number, text: string) => ({ number, class: 0, state: 1, text });

test('messages of a long statement arrive while it runs', async (t) => {
  const goOn = Promise.withResolvers<void>();
  const server = await scripted(async (_text, sink) => {
    sink.message(info(3211, '50 percent processed.'));
    sink.done({ curCmd: 228 });
    sink.flush();
    await goOn.promise;
    sink.message(info(3014, 'BACKUP DATABASE successfully processed 1 pages in 0.001 seconds (1.000 MB/sec).'));
    sink.done({ curCmd: 228 });
  });
  t.after(() => server.close());
  const session = await connect(server.endpoint, { session: 'run-1', single: true });
  t.after(() => session.close());
  const seen: ServerError[] = [];
  const running = session.statement('BACKUP …', {
    signal: new AbortController().signal,
    onMessage: (message) => seen.push(message),
  });
  await until('the first message', () => seen.length > 0);
  assert.equal(seen[0]?.number, 3211);
  goOn.resolve();
  await running;
  assert.deepEqual(
    seen.map((message) => message.number),
    [3211, 3014],
  );
});

test('a session says which program and which run it belongs to', async (t) => {
  const server = await scripted(() => undefined);
  t.after(() => server.close());
  const session = await connect(server.endpoint, { session: '20260210T065434Z-log-1a2b3c4d', single: true });
  await session.close();
  const [login] = server.logins;
  assert.equal(login?.appName, 'mssql-pitr');
  assert.equal(login.hostName, '20260210T065434Z-log-1a2b3c4d');
  assert.equal(login.database, 'master');
});

test('a cancelled statement has ended on the server before the cancellation is thrown', async (t) => {
  let ended = false;
  const started = Promise.withResolvers<void>();
  const server = await scripted(async (_text, sink, signal) => {
    started.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await new Promise((resolve) => setImmediate(resolve));
    ended = true;
    sink.done({ curCmd: 228, failed: true });
  });
  t.after(() => server.close());
  const session = await connect(server.endpoint, { session: 'run-1', single: true });
  t.after(() => session.close());
  const controller = new AbortController();
  const running = session.statement('BACKUP …', { signal: controller.signal });
  await started.promise;
  controller.abort();
  await assert.rejects(running, { name: 'CancelledFailure' });
  assert.ok(ended);
});

test('a query that waits for a lock can be cancelled', async (t) => {
  const started = Promise.withResolvers<void>();
  const server = await scripted(async (_text, sink, signal) => {
    started.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    sink.done({ curCmd: 224, failed: true });
  });
  t.after(() => server.close());
  const session = await connect(server.endpoint, { session: 'run-1', single: true });
  t.after(() => session.close());
  const controller = new AbortController();
  const waiting = session.rows(query('Wait', 'WAIT'), {}, controller.signal);
  await started.promise;
  controller.abort();
  await assert.rejects(waiting, { name: 'CancelledFailure' });
});

test('the reasons of a failed statement come with it', async (t) => {
  const server = await scripted(() => {
    throw new SqlError(
      { number: 911, class: 16, state: 11, text: "Database 'x' does not exist." },
      { number: 3013, class: 16, state: 1, text: 'BACKUP DATABASE is terminating abnormally.' },
    );
  });
  t.after(() => server.close());
  const session = await connect(server.endpoint, { session: 'run-1', single: true });
  t.after(() => session.close());
  await assert.rejects(session.statement('BACKUP …', { signal: new AbortController().signal }), (error: unknown) => {
    const { number, precedingErrors } = error as { number: number; precedingErrors: { number: number }[] };
    assert.equal(number, 3013);
    assert.deepEqual(
      precedingErrors.map((each) => each.number),
      [911],
    );
    return true;
  });
});

test('a single connection that broke is not replaced: its locks are gone', async (t) => {
  const server = await scripted((_text, sink) => sink.done({ curCmd: 228 }));
  t.after(() => server.close());
  const session = await connect(server.endpoint, { session: 'run-1', single: true });
  t.after(() => session.close());
  const signal = new AbortController().signal;
  await session.statement('BACKUP 1', { signal });
  const before = server.logins.length;
  const again = await restart(server);
  t.after(() => again.close());
  await assert.rejects(session.statement('BACKUP 2', { signal }));
  await assert.rejects(session.rows(query('Ask', 'SELECT 1'), {}), { type: 'ServerUnavailable' });
  assert.equal(again.logins.length, 0);
  assert.equal(server.logins.length, before);
});

/** Ends every connection and listens on the same port again. */
async function restart(server: Scripted): Promise<{ readonly logins: LoginRequest[]; close(): Promise<void> }> {
  await server.close();
  const logins: LoginRequest[] = [];
  const listener = await listen({
    port: server.endpoint.port,
    host: '127.0.0.1',
    server: {
      serverName: 'scripted',
      version: [16, 0, 4236],
      login: (request) => {
        logins.push(request);
        return Promise.reject(new Error('not expected'));
      },
    },
    log: () => undefined,
  });
  return { logins, close: () => listener.close() };
}

test('a refused login tells its number and never the password', async (t) => {
  const server = await scripted(
    () => undefined,
    () => {
      throw new SqlError({ number: 18456, class: 14, state: 1, text: "Login failed for user 'sa'." });
    },
  );
  t.after(() => server.close());
  await assert.rejects(connect(server.endpoint, { session: 'run-1' }), (error: unknown) => {
    assert.equal(failureType(error), 'LoginFailed');
    assert.match((error as Error).message, /18456/);
    assert.doesNotMatch(JSON.stringify(error), /secret-of-sa/);
    return true;
  });
});

test('a server that upgrades its scripts is waited for', async (t) => {
  const server = await scripted(
    () => undefined,
    () => {
      throw new SqlError({
        number: 18401,
        class: 14,
        state: 1,
        text: "Login failed for user 'sa'. Reason: Server is in script upgrade mode.",
      });
    },
  );
  t.after(() => server.close());
  await assert.rejects(connect(server.endpoint, { session: 'run-1' }), { type: 'ServerUnavailable' });
});

test('a certificate is verified: by default, against the authority that the settings name', async (t) => {
  const server = await scripted(() => undefined);
  t.after(() => server.close());
  const strict = (ca?: string): SqlEndpoint => ({
    ...server.endpoint,
    host: 'localhost',
    tls: { encrypt: true, trustServerCertificate: false, ...(ca === undefined ? {} : { ca }) },
  });
  await assert.rejects(connect(strict(), { session: 'run-1' }), { type: 'LoginFailed', nonRetryable: true });
  const trusted = await connect(strict(server.certificate), { session: 'run-1' });
  await trusted.close();
});

test('a server that is not there is ServerUnavailable', async () => {
  const server = await scripted(() => undefined);
  await server.close();
  await assert.rejects(connect(server.endpoint, { session: 'run-1' }), { type: 'ServerUnavailable' });
});

test('closing ends the session on the server', async (t) => {
  const server = await scripted(() => undefined);
  t.after(() => server.close());
  const session = await connect(server.endpoint, { session: 'run-1', single: true });
  assert.equal(server.open.size, 1);
  await session.close();
  await until('the end of the session', () => server.open.size === 0);
});
