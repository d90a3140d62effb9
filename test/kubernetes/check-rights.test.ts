import assert from 'node:assert/strict';
import { test } from 'node:test';
import { platformFindings } from '../../activities/doctor/check-platform.ts';
import type { ClusterApi, Wish } from '../../activities/platform/kubernetes/api/cluster-api.ts';
import { rights } from '../../activities/platform/kubernetes/api/rights.ts';
import { checkRights } from '../../activities/platform/kubernetes/check-rights.ts';
import { clusterSettings, yaml } from './support.ts';

const signal = new AbortController().signal;

/** A cluster that allows what the test says. */
function cluster(allows: (wish: Wish) => boolean, text?: string) {
  const asked: Wish[] = [];
  const mayI: ClusterApi['mayI'] = async (wish) => {
    asked.push(wish);
    return { allowed: allows(wish), reason: '' };
  };
  return { asked, settings: clusterSettings(text), api: { mayI } as ClusterApi };
}

test('the worker asks for every right of the platform, where the instance is', async () => {
  const site = cluster(() => true);
  const checks = await checkRights(site, 'mssql-rt', signal);
  assert.equal(checks.length, rights.length);
  assert.ok(site.asked.every(({ namespace }) => namespace === 'dbaas-mssql-rt'));
  assert.ok(
    site.asked.some(({ resource, subresource, verb }) => `${verb} ${resource}/${subresource}` === 'get pods/log'),
  );
  assert.deepEqual(
    site.asked.filter(({ resource }) => resource === 'secrets').map(({ name }) => name),
    ['mssql-rt-sa'],
    'not all Secrets, but the one of temporal.yaml',
  );
  assert.deepEqual(
    platformFindings(checks).map(({ level }) => level),
    ['ok'],
  );
});

test('an instance whose password is a file of the worker needs no Secret', async () => {
  const site = cluster(() => true, yaml.replace('{ secret: { name: mssql-rt-sa, key: password } }', '{ env: PW }'));
  await checkRights(site, 'mssql-rt', signal);
  assert.deepEqual(
    site.asked.filter(({ resource }) => resource === 'secrets'),
    [],
  );
});

test('what only restores to new instances need is no failure', async () => {
  const site = cluster(({ resource, verb }) => !(resource === 'statefulsets' && verb === 'create'));
  const [only, ...more] = platformFindings(await checkRights(site, 'mssql-rt', signal));
  assert.deepEqual([only?.level, more], ['warn', []]);
  assert.match(
    only?.what ?? '',
    /may not create statefulsets in namespace dbaas-mssql-rt: only restores to new instances/,
  );
});
