import type { EvidenceFile } from '../../workflows/contracts.ts';
import { safeName } from '../../workflows/domain/naming.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { taskControl, type ActivityDeps } from '../deps.ts';

/** Evidence lies in the store, beside the backups it is about. */
export function writeEvidence(
  deps: ActivityDeps,
  input: { readonly instance: string; readonly folder: string; readonly files: readonly EvidenceFile[] },
): Promise<{ path: string }> {
  return withHeartbeat(async (pulse) => {
    const path = `${safeName(input.instance)}/.evidence/${input.folder}`;
    const files = input.files.map(({ name, text }) => ({ path: `${path}/${name}`, text }));
    await deps.platform.runOnStore(input.instance, 'writeFiles', { files }, taskControl(pulse));
    return { path };
  });
}
