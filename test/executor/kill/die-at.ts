import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Method = (...args: unknown[]) => unknown;

/**
 * Makes this process die by SIGKILL in front of its n-th call into the file system, so that a test can have it die on
 * each line. To be called before the code under test is imported.
 * @param dieAt 0: never
 * @returns how many calls there were
 */
export async function dieAtCall(dieAt: number): Promise<() => number> {
  let calls = 0;
  const watch = (owner: object, names: readonly string[]): void => {
    const methods = owner as Record<string, Method>;
    for (const name of names) {
      const original = methods[name]!;
      methods[name] = function (this: unknown, ...args: unknown[]): unknown {
        calls += 1;
        if (calls === dieAt) process.kill(process.pid, 'SIGKILL');
        return original.apply(this, args);
      };
    }
  };
  const file = await fs.promises.open('/proc/self/stat');
  watch(Object.getPrototypeOf(file) as object, ['read', 'write', 'sync', 'datasync', 'chmod', 'chown', 'writeFile']);
  await file.close();
  watch(fs.promises, ['open', 'link', 'rename', 'rm', 'unlink', 'mkdir', 'writeFile', 'rmdir', 'chmod', 'chown']);
  syncBuiltinESMExports();
  return () => calls;
}
