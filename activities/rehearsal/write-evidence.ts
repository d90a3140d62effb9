import type { EvidenceFile } from '../../workflows/contracts.ts';
import { safeName } from '../../workflows/domain/naming.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { ActivityDeps } from '../deps.ts';

/** Evidence lies in the store, beside the backups it is about. */
export function writeEvidence(
  deps: ActivityDeps,
  input: { readonly instance: string; readonly folder: string; readonly files: readonly EvidenceFile[] },
): Promise<{ path: string }> {
  return withHeartbeat(async ({ signal, report }) => {
    const path = `${safeName(input.instance)}/.evidence/${input.folder}`;
    for (const { name, text } of input.files) {
      report({ file: name });
      await deps.platform.runOnStore(
        input.instance,
        'writeFile',
        { path: `${path}/${name}`, text },
        { signal, progress: () => {} },
      );
    }
    return { path };
  });
}
