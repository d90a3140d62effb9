import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groups } from '../../activities/platform/kubernetes/api/resources.ts';
import { rights, type Right } from '../../activities/platform/kubernetes/api/rights.ts';
import { render, type Manifest, type Manifests } from './helm.ts';
import { pitrValues } from './readme.ts';

interface Role {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
}

interface RoleBinding {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}

const renderWith = (values: object = {}): Promise<Manifests> =>
  render({ chart: 'mssql-pitr', release: 'pitr', namespace: 'workers', values: { ...pitrValues(), ...values } });

const grantedBy = ({ rules }: Role): string[] =>
  [
    ...new Set(
      rules.flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
        ),
      ),
    ),
  ].sort();
const neededFor = (...when: readonly Right['when'][]): string[] =>
  rights
    .filter((right) => when.includes(right.when))
    .map(({ resource, verb }) => `${verb} ${resource === 'pods/log' ? '' : groups[resource]}/${resource}`)
    .sort();

const secretLogin = (namespace: string, secret: string): object => ({
  platform: 'kubernetes',
  namespace,
  login: { user: 'backup', password: { secret: { name: secret, key: 'password' } } },
  store: namespace,
});
const twoNamespaces = {
  stores: {
    a: { platform: 'kubernetes', namespace: 'a', claim: 'store' },
    b: { platform: 'kubernetes', namespace: 'b', claim: 'store' },
  },
  instances: { one: secretLogin('a', 'of-one'), two: secretLogin('b', 'of-two'), three: secretLogin('b', 'of-three') },
};

describe('the Role of the worker', () => {
  it('is what the platform asks for, and not a verb more', async () => {
    assert.ok(rights.length > 0);
    const role = (await renderWith()).one<Role>('Role');
    assert.deepEqual(grantedBy(role), neededFor('run', 'large', 'retry', 'failure', 'target', 'secret'));
    assert.ok(!JSON.stringify(role.rules).includes('*'));
  });

  it('makes no instances where it shall not', async () => {
    const role = (await renderWith({ rbac: { targets: false } })).one<Role>('Role');
    assert.deepEqual(grantedBy(role), neededFor('run', 'large', 'retry', 'failure'));
  });

  it('reads the Secrets that the settings name, in their namespace, and no others', async () => {
    const manifests = await renderWith({ config: twoNamespaces, rbac: { targets: false } });
    const roles = manifests.of('Role') as readonly (Manifest & Role)[];
    assert.deepEqual(
      roles.map(({ metadata, rules }) => [
        metadata.namespace,
        rules.filter(({ resources }) => resources.includes('secrets')),
      ]),
      [
        ['a', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: ['of-one'] }]],
        ['b', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: ['of-three', 'of-two'] }]],
      ],
    );
    for (const role of roles)
      assert.deepEqual(grantedBy(role), neededFor('run', 'large', 'retry', 'failure', 'secret'));
  });

  it('reads the Secrets whose passwords new instances have', async () => {
    const namesOf = (manifests: Manifests): readonly string[] | undefined =>
      manifests.one<Role>('Role').rules.find(({ resources }) => resources.includes('secrets'))?.resourceNames;
    assert.deepEqual(namesOf(await renderWith()), ['mssql-rt-mssql-helm-db']);
    assert.deepEqual(namesOf(await renderWith({ rbac: { saSecrets: ['sa'] } })), ['mssql-rt-mssql-helm-db', 'sa']);
    assert.equal(namesOf(await renderWith({ rbac: { targets: false, saSecrets: ['sa'] } })), undefined);
  });

  it('reads no Secret where there is no instance', async () => {
    const { config } = pitrValues() as { readonly config: { readonly stores: object } };
    const other = { platform: 'kubernetes', namespace: 'other', claim: 'store' };
    const manifests = await renderWith({
      config: { ...config, stores: { ...config.stores, other } },
      rbac: { saSecrets: ['sa'] },
    });
    const role = manifests.of('Role').find(({ metadata }) => metadata.namespace === 'other');
    assert.ok(role && !grantedBy(role as Manifest & Role).some((right) => right.endsWith('/secrets')));
  });

  it('is bound to the worker’s account alone, in every namespace of the settings', async () => {
    const manifests = await renderWith({ config: twoNamespaces });
    const account = {
      kind: 'ServiceAccount',
      name: manifests.one('ServiceAccount').metadata.name,
      namespace: 'workers',
    };
    const bindings = manifests.of('RoleBinding') as readonly (Manifest & RoleBinding)[];
    assert.deepEqual(
      bindings.map(({ metadata }) => metadata.namespace),
      ['a', 'b'],
    );
    for (const { roleRef, subjects, metadata } of bindings) {
      assert.deepEqual(subjects, [account]);
      const role = manifests.of('Role').find((each) => each.metadata.namespace === metadata.namespace);
      assert.deepEqual([roleRef.kind, roleRef.name], ['Role', role?.metadata.name]);
    }
  });

  it('is all that there is: nothing is granted in the whole cluster', async () => {
    const manifests = await renderWith();
    assert.deepEqual([...manifests.of('ClusterRole'), ...manifests.of('ClusterRoleBinding')], []);
  });

  it('can be left to others', async () => {
    const manifests = await renderWith({ rbac: { create: false } });
    assert.deepEqual([...manifests.of('Role'), ...manifests.of('RoleBinding')], []);
  });
});
