import { open, stat } from 'node:fs/promises';
import { auditEntries, auditFile, type AuditEntry } from '../../cluster/audit.ts';
import type { OwnCluster } from '../../cluster/cluster.ts';
import { clusterPlace } from '../../cluster/state.ts';

/**
 * What a service account asks of the API server from now on. The log of a whole suite is long, and is read again and
 * again.
 * @param account `<namespace>:<name>`
 */
export async function auditSinceNow({ name }: OwnCluster, account: string): Promise<() => Promise<AuditEntry[]>> {
  const path = auditFile(clusterPlace(name));
  const { size } = await stat(path);
  return async () => {
    await using file = await open(path);
    const length = (await file.stat()).size - size;
    if (length === 0) return [];
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position: size });
    const text = buffer.toString('utf8', 0, bytesRead);
    // It may begin in the middle of a line.
    const whole = text.slice(text.indexOf('\n') + 1);
    return auditEntries(whole).filter(({ user }) => user === `system:serviceaccount:${account}`);
  };
}
