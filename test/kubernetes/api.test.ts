import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answeredError, ApiError, silentError } from '../../activities/platform/kubernetes/api/api-error.ts';
import { clusterFailure, onCluster } from '../../activities/platform/kubernetes/api/map-error.ts';
import { observe } from '../../activities/platform/kubernetes/api/observe.ts';
import type { Pod } from '../../activities/platform/kubernetes/api/resources.ts';
import { rights, roleRules } from '../../activities/platform/kubernetes/api/rights.ts';
import { until } from '../support/until.ts';
import { FakeApiServer } from './fake/api-server.ts';
import { namespace, runningPod } from './fake/release.ts';

const asked = { verb: 'create', resource: 'jobs', namespace: 'a', name: 'j' };
const status = (code: number, reason: string, message: string): ApiError =>
  answeredError(asked, code, JSON.stringify({ kind: 'Status', code, reason, message }), undefined);

describe('an error of the Kubernetes API', () => {
  const cases: readonly [string, unknown, { type: string; retried: boolean; says: RegExp }][] = [
    [
      '401',
      status(401, 'Unauthorized', 'Unauthorized'),
      { type: 'PermissionDenied', retried: false, says: /token or certificate/ },
    ],
    [
      '403 of a Role',
      status(403, 'Forbidden', 'jobs.batch is forbidden: User "x" cannot create resource "jobs" in API group "batch"'),
      { type: 'PermissionDenied', retried: false, says: /no right to create jobs j in the namespace a/ },
    ],
    [
      '403 of a quota',
      status(403, 'Forbidden', 'jobs.batch "j" is forbidden: exceeded quota: small'),
      { type: 'ClusterRefused', retried: false, says: /exceeded quota: small/ },
    ],
    [
      '404',
      status(404, 'NotFound', 'namespaces "a" not found'),
      { type: 'ClusterRefused', retried: false, says: /namespaces "a" not found/ },
    ],
    [
      '409',
      status(409, 'Conflict', 'the object has been modified'),
      { type: 'ClusterUnavailable', retried: true, says: /now: the object/ },
    ],
    [
      '422',
      status(422, 'Invalid', 'Job "j" is invalid: spec'),
      { type: 'ClusterRefused', retried: false, says: /is invalid/ },
    ],
    [
      '429',
      status(429, 'TooManyRequests', 'slow down'),
      { type: 'ClusterUnavailable', retried: true, says: /slow down \(429\)/ },
    ],
    [
      '500',
      status(500, 'InternalError', 'etcdserver: timed out'),
      { type: 'ClusterUnavailable', retried: true, says: /timed out/ },
    ],
    [
      '503 of a proxy, without a Status',
      answeredError(asked, 503, '<html>no upstream</html>', '7'),
      { type: 'ClusterUnavailable', retried: true, says: /HTTP 503/ },
    ],
    [
      'no connection',
      silentError(asked, Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })),
      { type: 'ClusterUnavailable', retried: true, says: /ECONNREFUSED/ },
    ],
  ];
  for (const [name, error, { type, retried, says }] of cases) {
    it(`${name} is ${type}`, () => {
      const failure = clusterFailure(error) as Error & { type: string; nonRetryable: boolean };
      assert.deepEqual([failure.type, failure.nonRetryable], [type, !retried]);
      assert.match(failure.message, says);
    });
  }

  it('tells how long to wait when the server does', () => {
    const failure = clusterFailure(answeredError(asked, 429, '', '7')) as { nextRetryDelay?: number };
    assert.equal(failure.nextRetryDelay, 7_000);
  });

  it('that is none is left as it is', async () => {
    const error = new TypeError('x');
    await assert.rejects(
      onCluster(() => Promise.reject(error)),
      error,
    );
  });

  it('holds nothing of what was sent, and of the answer its message alone', async (t) => {
    const server = await FakeApiServer.start(t);
    server.fail('get secrets', { status: 403, message: 'no', reason: 'Forbidden' });
    const error: unknown = await server.api
      .get('secrets', { namespace, name: 'a' }, AbortSignal.timeout(5_000))
      .catch((thrown: unknown) => thrown);
    assert.ok(error instanceof ApiError);
    assert.ok(!JSON.stringify(error, Object.getOwnPropertyNames(error)).includes('the-token'));
  });
});

describe('a request', () => {
  it('is tried again for a short while, then its failure is told', async (t) => {
    const server = await FakeApiServer.start(t);
    const signal = AbortSignal.timeout(20_000);
    server.fail('get secrets', { status: 500, message: 'once', times: 2 });
    assert.equal(await server.api.get('secrets', { namespace, name: 'a' }, signal), null);
    await server.stop();
    await assert.rejects(server.api.get('secrets', { namespace, name: 'a' }, signal), { reason: 'ECONNREFUSED' });
  });

  it('ends with the reason of its signal', async (t) => {
    const server = await FakeApiServer.start(t);
    server.fail('get secrets', { status: 500, message: 'x', times: 100 });
    const stop = new AbortController();
    const reading = server.api.get('secrets', { namespace, name: 'a' }, stop.signal);
    await until('a request', () => server.asked.length > 0);
    stop.abort(new Error('stopped'));
    await assert.rejects(reading, /stopped|aborted/);
  });

  it('uses one connection after the other again', async (t) => {
    const server = await FakeApiServer.start(t);
    const signal = AbortSignal.timeout(20_000);
    for (let i = 0; i < 10; i += 1) await server.api.get('secrets', { namespace, name: 'a' }, signal);
    assert.equal(server.connections, 1);
  });
});

describe('looking at objects', () => {
  function look(server: FakeApiServer) {
    const stop = new AbortController();
    let seen: readonly Pod[] = [];
    const names = (): string => seen.map(({ metadata }) => metadata?.name).join();
    const ended = observe({
      api: server.api,
      kind: 'pods',
      selection: { namespace, labels: { app: 'a' } },
      signal: stop.signal,
      onState: (pods) => (seen = pods),
    });
    return { names, stop: () => stop.abort(), ended };
  }
  const pod = (name: string): Pod => runningPod({ name, labels: { app: 'a' } });

  it('misses nothing when the watch breaks or expires while something happens', async (t) => {
    const server = await FakeApiServer.start(t);
    server.put('pods', pod('a'));
    server.put('pods', runningPod({ name: 'other', labels: { app: 'b' } }));
    const { names, stop, ended } = look(server);
    await server.watched('pods');
    server.put('pods', pod('b'));
    await until('b', () => names() === 'a,b');
    server.breakStreams();
    server.remove('pods', 'a');
    await until('the end of a', () => names() === 'b');
    await server.watched('pods');
    server.expireWatches();
    server.put('pods', pod('c'));
    await until('c', () => names() === 'b,c');
    await server.watched('pods');
    server.remove('pods', 'b');
    await until('the end of b', () => names() === 'c');
    stop();
    await ended;
  });

  it('goes on after errors of the server, and ends when it may not look', async (t) => {
    const server = await FakeApiServer.start(t);
    server.fail('watch pods', { status: 500, message: 'x', times: 2 });
    const { names, ended } = look(server);
    await server.watched('pods');
    server.put('pods', pod('a'));
    await until('a', () => names() === 'a');
    const message = 'User "x" cannot watch resource "pods"';
    server.fail('watch pods', { status: 403, reason: 'Forbidden', message });
    server.breakStreams();
    await assert.rejects(ended, { status: 403 });
  });
});

describe("the worker's rights", () => {
  it('are named once each, and make the rules of a Role', () => {
    const named = rights.map(({ verb, resource }) => `${verb} ${resource}`);
    assert.equal(new Set(named).size, named.length);
    assert.ok(!named.some((right) => right.includes('*')));
    const rules = roleRules();
    assert.deepEqual(
      rules.flatMap(({ resources, verbs }) => verbs.map((verb) => `${verb} ${resources[0] ?? ''}`)).sort(),
      named.sort(),
    );
    assert.deepEqual(
      rules.find(({ resources }) => resources[0] === 'jobs'),
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'list', 'watch', 'delete', 'get'] },
    );
  });

  it('do not hold what would let a worker become more: no exec, no change of what is there, no rights on rights', () => {
    const resources: readonly string[] = rights.map(({ resource }) => resource);
    for (const strong of ['pods/exec', 'pods/attach', 'roles', 'rolebindings', 'serviceaccounts/token', 'nodes']) {
      assert.ok(!resources.includes(strong), strong);
    }
    const verbs: readonly string[] = rights.map(({ verb }) => verb);
    assert.ok(!verbs.includes('update') && !verbs.includes('patch'));
    assert.ok(!rights.some(({ resource, verb }) => resource === 'secrets' && verb !== 'get'));
  });
});
