import assert from 'node:assert/strict';
import type { Container, PodSpec } from './helm.ts';

/** The restricted Pod Security Standard, and what this project wants beyond it. */
export function assertNotRoot(spec: PodSpec): void {
  const { securityContext: pod } = spec;
  assert.equal(pod?.runAsNonRoot, true);
  assert.equal(pod.runAsUser, 10001);
  assert.equal(pod.fsGroup, 10001);
  assert.equal(pod.seccompProfile?.type, 'RuntimeDefault');
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) assertConfined(container);
}

function assertConfined({ name, securityContext: own = {} }: Container): void {
  assert.equal(own.allowPrivilegeEscalation, false, name);
  assert.deepEqual(own.capabilities?.drop, ['ALL'], name);
  assert.ok(!own.privileged, name);
  assert.ok(own.runAsUser === undefined || own.runAsUser > 0, name);
  assert.ok(own.runAsNonRoot !== false, name);
}
