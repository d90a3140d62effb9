import { withHeartbeat } from '../heartbeat.ts';
import type { ActivityDeps } from '../deps.ts';

export function listStore(
  deps: ActivityDeps,
  input: { readonly instance: string },
): Promise<{ text: string; files: number }> {
  return withHeartbeat(async ({ signal }) => {
    const { files } = await deps.platform.runOnStore(
      input.instance,
      'listStore',
      { instance: input.instance },
      { signal, progress: () => {} },
    );
    const lines = files.map(
      (file) => `${String(file.sizeBytes).padStart(12)}  ${file.sha256.padEnd(64)}  ${file.path}`,
    );
    return { text: [...lines, `${files.length} files`, ''].join('\n'), files: files.length };
  });
}
