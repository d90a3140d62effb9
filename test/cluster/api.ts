import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface ApiAddress {
  readonly server: string;
  readonly authorityFile: string;
  readonly token: string;
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface KubeList<T extends KubeObject> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

export class ApiError extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: ${status} ${body.slice(0, 500)}`);
    this.status = status;
  }
}

/** What the harness itself asks of an API server. */
export interface ApiClient {
  text(path: string): Promise<string>;
  get<T>(path: string): Promise<T>;
  create(path: string, body: KubeObject): Promise<void>;
  /** Creates it, unless it is there. */
  ensure(path: string, body: KubeObject): Promise<void>;
  /** Deletes it, if it is there. */
  remove(path: string): Promise<void>;
  /** Each object of a collection, now and whenever it changes, until the server or the network ends the watch. */
  follow<T extends KubeObject>(path: string, handle: (object: T) => Promise<void>): Promise<void>;
}

export function apiClient({ server, authorityFile, token }: ApiAddress): ApiClient {
  let agent: Agent | null = null;
  const send = async (method: string, path: string, body?: KubeObject): Promise<IncomingMessage> => {
    // The authority is there when the API server has made it.
    agent ??= new Agent({ keepAlive: true, ca: readFileSync(authorityFile) });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asked = request(new URL(path, server), { method, agent, headers });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const status = response.statusCode ?? 0;
    if (status >= 400) throw new ApiError(method, path, status, await text(response));
    return response;
  };
  const call = async (method: string, path: string, body?: KubeObject): Promise<string> =>
    text(await send(method, path, body));
  const unless = async (status: number, work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== status) throw error;
    }
  };
  const get = async <T>(path: string): Promise<T> => JSON.parse(await call('GET', path)) as T;
  return {
    text: (path) => call('GET', path),
    get,
    create: async (path, body) => void (await call('POST', path, body)),
    ensure: (path, body) => unless(409, call('POST', path, body)),
    remove: (path) => unless(404, call('DELETE', path)),
    async follow<T extends KubeObject>(path: string, handle: (object: T) => Promise<void>) {
      const list = await get<KubeList<T>>(path);
      for (const item of list.items) await handle(item);
      const response = await send('GET', `${path}?watch=true&resourceVersion=${list.metadata.resourceVersion}`);
      for await (const line of linesOf(response)) {
        const { type, object } = JSON.parse(line) as { type: string; object: T };
        if (type === 'ERROR') throw new Error(`watch of ${path}: ${line}`);
        if (type !== 'DELETED') await handle(object);
      }
    },
  };
}

/** Throws when the connection breaks, which a readline interface does not. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
