import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { openClusterApi, type ClusterApi } from '../../../activities/platform/kubernetes/api/cluster-api.ts';
import type { Kind, Kinds } from '../../../activities/platform/kubernetes/api/resources.ts';
import { rights } from '../../../activities/platform/kubernetes/api/rights.ts';
import { labels } from '../../../activities/platform/kubernetes/labels.ts';
import { openTransport } from '../../../activities/platform/kubernetes/api/transport.ts';
import { until } from '../../support/until.ts';
import { FakeLog } from './log.ts';
import { matches, type Change, type FakeObject } from './objects.ts';

interface Watcher {
  readonly kind: string;
  readonly namespace: string;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
}

interface Fault {
  /** e.g. `list pods`, `get pods/log` */
  readonly right: string;
  readonly status: number;
  readonly message: string;
  readonly reason?: string;
  readonly retryAfter?: string;
  times: number;
}

interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string };
  readonly propagationPolicy?: string;
}

interface Asked {
  readonly right: string;
  readonly kind: string;
  readonly subresource: string | undefined;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
}

/**
 * An API server in memory: objects, watches, logs, and no controllers; tests play those. Like the real one it refuses what
 * the platform's Role does not grant.
 */
export class FakeApiServer {
  /** Every request, as `verb resource`. */
  readonly asked: string[] = [];
  readonly api: ClusterApi;
  /** How many were opened. */
  connections = 0;
  readonly #server: Server;
  readonly #objects = new Map<string, FakeObject>();
  readonly #logs = new Map<string, FakeLog>();
  readonly #watchers = new Set<Watcher>();
  readonly #faults: Fault[] = [];
  readonly #history: {
    readonly version: number;
    readonly kind: string;
    readonly type: Change;
    readonly object: FakeObject;
  }[] = [];
  readonly #listeners: ((kind: string, change: Change, object: FakeObject) => void)[] = [];
  #version = 100;

  static async start(t: TestContext): Promise<FakeApiServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const fake = new FakeApiServer(server);
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    return fake;
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', () => (this.connections += 1));
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        status(response, 500, 'InternalError', String(error));
      });
    });
    const config = new KubeConfig();
    const { port } = server.address() as AddressInfo;
    config.loadFromClusterAndUser(
      { name: 'fake', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: 'worker', token: 'the-token' },
    );
    this.api = openClusterApi(openTransport(async () => config));
  }

  // ---- what a test does to the cluster

  put<K extends Kind>(kind: K, object: Kinds[K]): void {
    const { metadata } = object as unknown as {
      readonly metadata: { readonly namespace: string; readonly name: string };
    };
    const known = this.#objects.get(keyOf(kind, metadata.namespace, metadata.name));
    this.#version += 1;
    const stored = structuredClone({
      ...object,
      metadata: {
        uid: `uid-${kind}-${metadata.name}-${this.#version}`,
        creationTimestamp: new Date().toISOString(),
        ...known?.metadata,
        ...metadata,
        resourceVersion: String(this.#version),
      },
    }) as unknown as FakeObject;
    this.#objects.set(keyOf(kind, metadata.namespace, metadata.name), stored);
    this.#tell(kind, known === undefined ? 'ADDED' : 'MODIFIED', stored);
  }

  /** Changes the status of an object, as controllers do. */
  setStatus(kind: Kind, name: string, change: object): void {
    const found = this.find(kind, name);
    this.put(kind, { ...found, status: { ...found.status, ...change } } as never);
  }

  /** An object by its name, whatever its namespace. */
  find(kind: Kind, name: string): FakeObject {
    const found = this.all(kind).find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
    return found;
  }

  all(kind: Kind): FakeObject[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${kind}/`)).map(([, object]) => object);
  }

  /** Removes an object, what it owns, and the pods of a Job. */
  remove(kind: Kind, name: string): void {
    const object = this.find(kind, name);
    this.#objects.delete(keyOf(kind, object.metadata.namespace, name));
    this.#version += 1;
    object.metadata.resourceVersion = String(this.#version);
    this.#tell(kind, 'DELETED', object);
    for (const [key, owned] of [...this.#objects]) {
      if (!owned.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid)) continue;
      this.remove(key.split('/')[0] as Kind, owned.metadata.name);
    }
  }

  log(pod: string): FakeLog {
    const known = this.#logs.get(pod) ?? new FakeLog();
    this.#logs.set(pod, known);
    return known;
  }

  on(kind: Kind, change: Change, then: (object: FakeObject) => void): void {
    this.#listeners.push((seenKind, seenChange, object) => {
      if (seenKind === kind && seenChange === change) then(object);
    });
  }

  /** The next requests of a kind fail so. */
  fail(right: string, fault: Omit<Fault, 'right' | 'times'> & { readonly times?: number }): void {
    this.#faults.push({ right, times: 1, ...fault });
  }

  /** Breaks every open watch and log, as a load balancer does. */
  breakStreams(): void {
    for (const { response } of this.#watchers) response.destroy();
    this.#watchers.clear();
    for (const log of this.#logs.values()) log.breakOff();
  }

  /** Tells every watch that its version is too old. */
  expireWatches(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) {
      const object = {
        kind: 'Status',
        status: 'Failure',
        code: 410,
        reason: 'Expired',
        message: 'too old resource version',
      };
      watcher.response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    }
  }

  /** Waits until somebody watches objects of a kind. */
  async watched(kind: Kind): Promise<void> {
    await until(`a watch on ${kind}`, () => [...this.#watchers].some((watcher) => watcher.kind === kind) || null);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  // ---- what it answers

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = parse(request);
    this.asked.push(asked.right);
    if (request.headers.authorization !== 'Bearer the-token')
      return status(response, 401, 'Unauthorized', 'Unauthorized');
    if (!granted.has(asked.right)) {
      const [verb, resource] = asked.right.split(' ');
      const message = `${resource} is forbidden: User "worker" cannot ${verb} resource "${resource}" in API group ""`;
      return status(response, 403, 'Forbidden', message);
    }
    const fault = this.#faults.find((each) => each.right === asked.right && each.times > 0);
    if (fault !== undefined) {
      fault.times -= 1;
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      return status(response, fault.status, fault.reason ?? 'Fault', fault.message);
    }
    switch (asked.right.split(' ')[0]) {
      case 'create':
        return this.#create(asked, response, JSON.parse(await textOf(request)) as FakeObject);
      case 'delete':
        return this.#delete(asked, response, JSON.parse(await textOf(request)) as DeleteOptions);
      case 'watch':
        return this.#watch(asked, response);
      case 'list':
        return json(response, 200, this.#list(asked));
      default:
        return asked.subresource === 'log' ? this.#log(asked, response) : this.#get(asked, response);
    }
  }

  #create({ kind, namespace }: Asked, response: ServerResponse, object: FakeObject): void {
    if (this.#objects.has(keyOf(kind, namespace, object.metadata.name))) {
      return status(response, 409, 'AlreadyExists', `${kind} "${object.metadata.name}" already exists`);
    }
    const metadata = { ...object.metadata, namespace };
    this.put(kind as Kind, { ...object, metadata } as never);
    json(response, 201, this.find(kind as Kind, metadata.name));
  }

  #delete(asked: Asked, response: ServerResponse, { preconditions, propagationPolicy }: DeleteOptions): void {
    const object = this.#objects.get(keyOf(asked.kind, asked.namespace, asked.name ?? ''));
    if (object === undefined) return status(response, 404, 'NotFound', 'not found');
    if (preconditions?.uid !== undefined && preconditions.uid !== object.metadata.uid) {
      return status(response, 409, 'Conflict', 'the UID in the precondition is another');
    }
    if (propagationPolicy === 'Foreground') this.#removeAfterPods(asked.kind as Kind, object);
    else this.remove(asked.kind as Kind, object.metadata.name);
    json(response, 200, { kind: 'Status', status: 'Success' });
  }

  /** As the garbage collector does: the Job stays, on its way out, until the last of its pods is gone. */
  #removeAfterPods(kind: Kind, { metadata }: FakeObject): void {
    const deletionTimestamp = new Date().toISOString();
    const start = metadata.labels?.[labels.start];
    this.put(kind, { ...this.find(kind, metadata.name), metadata: { ...metadata, deletionTimestamp } } as never);
    for (const pod of this.all('pods')) {
      if (pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid)) this.remove('pods', pod.metadata.name);
    }
    const removeIfAlone = (): void => {
      if (this.all('pods').some((pod) => pod.metadata.labels?.[labels.start] === start)) return;
      if (this.all(kind).some(({ metadata: { uid } }) => uid === metadata.uid)) this.remove(kind, metadata.name);
    };
    this.on('pods', 'DELETED', removeIfAlone);
    removeIfAlone();
  }

  #get({ kind, namespace, name = '' }: Asked, response: ServerResponse): void {
    const object = this.#objects.get(keyOf(kind, namespace, name));
    if (object === undefined) status(response, 404, 'NotFound', `${kind} "${name}" not found`);
    else json(response, 200, object);
  }

  #list({ kind, namespace, query }: Asked): object {
    const items = this.all(kind as Kind).filter(
      (each) => each.metadata.namespace === namespace && matches(each, query),
    );
    return { kind: 'List', metadata: { resourceVersion: String(this.#version) }, items };
  }

  #watch({ kind, namespace, query }: Asked, response: ServerResponse): void {
    const watcher = { kind, namespace, query, response };
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const since = Number(query.get('resourceVersion'));
    for (const event of this.#history) if (event.version > since) tell(watcher, event.kind, event.type, event.object);
  }

  #log({ namespace, name = '', query }: Asked, response: ServerResponse): void {
    const pod = this.#objects.get(keyOf('pods', namespace, name));
    const log = this.#logs.get(name);
    if (pod === undefined) return status(response, 404, 'NotFound', `pods "${name}" not found`);
    if (log === undefined)
      return status(response, 400, 'BadRequest', 'container is waiting to start: ContainerCreating');
    log.serve(response, query);
  }

  #tell(kind: string, type: Change, object: FakeObject): void {
    this.#history.push({ version: this.#version, kind, type, object: structuredClone(object) });
    for (const watcher of this.#watchers) tell(watcher, kind, type, object);
    for (const listener of this.#listeners) listener(kind, type, object);
  }
}

function tell({ response, query, ...watcher }: Watcher, kind: string, type: Change, object: FakeObject): void {
  if (watcher.kind !== kind || watcher.namespace !== object.metadata.namespace) return;
  if (matches(object, query)) response.write(`${JSON.stringify({ type, object })}\n`);
}

const granted = new Set(rights.map(({ verb, resource }) => `${verb} ${resource}`));

function parse(request: IncomingMessage): Asked {
  const url = new URL(request.url ?? '', 'http://fake');
  const path = /^\/(?:api\/v1|apis\/\w+\/v1)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;
  const [, namespace = '', kind = '', name, subresource] = path.exec(url.pathname) ?? [];
  const resource = subresource === undefined ? kind : `${kind}/${subresource}`;
  return {
    right: `${verbOf(request, url, name)} ${resource}`,
    kind,
    subresource,
    namespace,
    name,
    query: url.searchParams,
  };
}

function verbOf({ method }: IncomingMessage, url: URL, name: string | undefined): string {
  if (method === 'POST') return 'create';
  if (method === 'DELETE') return 'delete';
  if (name !== undefined) return 'get';
  return url.searchParams.get('watch') === 'true' ? 'watch' : 'list';
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function status(response: ServerResponse, code: number, reason: string, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message });
}

async function textOf(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  let text = '';
  for await (const piece of request as AsyncIterable<string>) text += piece;
  return text;
}
