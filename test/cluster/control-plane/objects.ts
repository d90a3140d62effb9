import type { ApiClient, KubeObject } from '../api.ts';
import { limitedClass, provisionerName, standardClass } from '../storage/classes.ts';

const role = (name: string, rules: readonly object[]): KubeObject & { rules: readonly object[] } => ({
  metadata: { name },
  rules,
});

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const watch = ['get', 'list', 'watch'];

const storageRole = role('system:storage', [
  { apiGroups: [''], resources: ['persistentvolumes'], verbs: [...watch, 'create', 'delete'] },
  { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: watch },
  { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: watch },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
]);

const dnsRole = role('system:coredns', [
  { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
]);

/** What a fresh API server lacks: rights of the two parts that are not Kubernetes' own, and the storage classes. */
export async function createObjects(api: ApiClient): Promise<void> {
  const roles = [storageRole, dnsRole].flatMap((each) => [
    api.ensure(`${rbac}/clusterroles`, each),
    api.ensure(`${rbac}/clusterrolebindings`, bindingToItsNamesake(each.metadata.name)),
  ]);
  const classes = [standardClass, limitedClass].map(({ name, isDefault, parameters }) =>
    api.ensure('/apis/storage.k8s.io/v1/storageclasses', {
      metadata: {
        name,
        annotations: isDefault ? { 'storageclass.kubernetes.io/is-default-class': 'true' } : {},
      },
      provisioner: provisionerName,
      parameters,
      reclaimPolicy: 'Delete',
      // A volume is made where its first pod goes, as disks of one node are.
      volumeBindingMode: 'WaitForFirstConsumer',
    } as KubeObject),
  );
  await Promise.all([...roles, ...classes]);
}

function bindingToItsNamesake(name: string): KubeObject {
  const apiGroup = 'rbac.authorization.k8s.io';
  const binding = {
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ apiGroup, kind: 'User', name }],
  };
  return binding;
}
