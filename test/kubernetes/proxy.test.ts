import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { openProxy, type Proxy } from '../support/cluster/proxy.ts';

describe('a port of loopback that is reached by another address', { timeout: 30_000 }, () => {
  const served: Socket[] = [];
  const server = createServer((socket) => {
    served.push(socket);
    socket.on('error', () => undefined).pipe(socket);
  });
  let proxy: Proxy;
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await openProxy('127.0.0.1', (server.address() as AddressInfo).port);
  });
  after(async () => {
    server.close();
    for (const socket of served) socket.destroy();
  });

  async function open(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: proxy.port });
    await once(socket, 'connect');
    return socket;
  }

  it('carries bytes both ways', async () => {
    const socket = await open();
    socket.end('hello');
    const [said] = (await once(socket, 'data')) as [Buffer];
    assert.equal(String(said), 'hello');
    await once(socket, 'close');
  });

  it('ends with the server’s end of a connection', async () => {
    const socket = await open();
    socket.write('x');
    await once(socket, 'data');
    served.at(-1)?.destroy();
    await once(socket, 'close');
  });

  it('takes its connections along when it is closed', async () => {
    const socket = await open();
    socket.on('error', () => undefined);
    await proxy.close();
    if (!socket.closed) await once(socket, 'close');
    const refused = connect({ host: '127.0.0.1', port: proxy.port });
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });
});
