import { withHeartbeat } from '../heartbeat.ts';
import type { ActivityDeps } from '../deps.ts';

/** Folders on an instance's volume that must be empty when nothing runs. */
const stagingFolders = ['backup-mssql', 'restore-staging'];

export function listLeftovers(
  deps: ActivityDeps,
  input: { readonly instances: readonly string[] },
): Promise<{ text: string; files: number }> {
  return withHeartbeat(async ({ signal }) => {
    const places = input.instances.flatMap((instance) => stagingFolders.map((path) => ({ instance, path })));
    const control = { signal, progress: () => {} };
    const found = await Promise.all(
      places.map(async ({ instance, path }) => {
        const { files } = await deps.platform.run(instance, 'listStaged', { path }, control);
        return { instance, path, files };
      }),
    );
    const count = found.reduce((sum, { files }) => sum + files.length, 0);
    const lines = found.flatMap(({ instance, path, files }) => [
      `${instance} /var/opt/mssql/${path}: ${files.length === 0 ? 'empty' : `${files.length} files`}`,
      ...files.map((file) => `  ${file.path} ${file.sizeBytes} bytes`),
    ]);
    lines.push('instances and the backup store are kept', '');
    return { text: lines.join('\n'), files: count };
  });
}
