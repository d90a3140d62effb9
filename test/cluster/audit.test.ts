import assert from 'node:assert/strict';
import { it } from 'node:test';
import { auditEntries } from './audit.ts';

const event = (auditID: string, more: object): string =>
  `${JSON.stringify({
    auditID,
    user: { username: 'system:serviceaccount:a:worker' },
    verb: 'watch',
    requestURI: '/apis/batch/v1/namespaces/a/jobs?watch=1',
    objectRef: { resource: 'jobs', namespace: 'a', apiGroup: 'batch' },
    requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
    annotations: { 'authorization.k8s.io/decision': 'allow' },
    ...more,
  })}\n`;

it('tells a watch once, with its last status, though the log tells its begin and its end', () => {
  const text = event('1', { responseStatus: { code: 200 } }) + event('1', { responseStatus: { code: 504 } });
  assert.deepEqual(auditEntries(text), [
    {
      user: 'system:serviceaccount:a:worker',
      verb: 'watch',
      uri: '/apis/batch/v1/namespaces/a/jobs?watch=1',
      resource: 'jobs',
      apiGroup: 'batch',
      namespace: 'a',
      name: null,
      code: 504,
      allowed: true,
      at: '2026-01-01T00:00:00.000000Z',
    },
  ]);
});

it('names a subresource as a Role does', () => {
  const objectRef = { resource: 'pods', subresource: 'log', namespace: 'a', name: 'p' };
  assert.deepEqual(
    auditEntries(event('1', { objectRef })).map(({ resource, name }) => [resource, name]),
    [['pods/log', 'p']],
  );
});

it('does not take silence for leave', () => {
  assert.equal(
    auditEntries(event('1', { annotations: { 'authorization.k8s.io/decision': 'forbid' } }))[0]?.allowed,
    false,
  );
  assert.equal(auditEntries(event('1', { annotations: undefined }))[0]?.allowed, false);
});

it('leaves out a line that is being written', () => {
  assert.equal(auditEntries(`${event('1', {})}{"auditID":"2","us`).length, 1);
});
