import { withHeartbeat } from '../heartbeat.ts';
import type { ActivityDeps } from '../deps.ts';

/** Folders on an instance's volume that must be empty when nothing runs. */
const stagingFolders = ['backup-mssql', 'restore-staging'];

export function listLeftovers(
  deps: ActivityDeps,
  input: { readonly instances: readonly string[] },
): Promise<{ text: string; files: number }> {
  return withHeartbeat(async ({ signal }) => {
    const lines: string[] = [];
    let count = 0;
    for (const instance of input.instances) {
      for (const path of stagingFolders) {
        const { files } = await deps.platform.run(instance, 'listStaged', { path }, { signal, progress: () => {} });
        count += files.length;
        lines.push(`${instance} /var/opt/mssql/${path}: ${files.length === 0 ? 'empty' : `${files.length} files`}`);
        lines.push(...files.map((file) => `  ${file.path} ${file.sizeBytes} bytes`));
      }
    }
    lines.push('instances and the backup store are kept', '');
    return { text: lines.join('\n'), files: count };
  });
}
