import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cached } from '../../../worker/dev/cache.ts';
import { run } from '../host/command.ts';
import { cachePath } from '../kubernetes/programs.ts';
import { timed, type Say } from '../say.ts';

/**
 * Busybox without libraries, out of Debian's package. It is not installed: that would replace the machine's own busybox.
 * @returns path of the program
 */
export function staticBusybox(say: Say): Promise<string> {
  return cached({
    path: cachePath('images', 'busybox'),
    waiting: (pid) => say(`Process ${pid} is fetching busybox: waiting for it`),
    make: (folder) =>
      timed(say, 'Fetching the Debian package busybox-static', async () => {
        try {
          await run('apt-get', ['download', 'busybox-static'], { cwd: folder });
        } catch {
          // The lists of packages may be missing or old.
          await run('apt-get', ['update']);
          await run('apt-get', ['download', 'busybox-static'], { cwd: folder });
        }
        const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
        await run('dpkg-deb', ['--extract', join(folder, archive), folder]);
        return join(folder, 'bin', 'busybox');
      }),
  });
}

/** Puts busybox and all its names into an image's root folder. */
export async function installBusybox(busybox: string, root: string): Promise<void> {
  const target = join(root, 'bin', 'busybox');
  await mkdir(dirname(target), { recursive: true });
  await copyFile(busybox, target);
  await chmod(target, 0o755);
  const paths = (await run(busybox, ['--list-full'])).trim().split('\n');
  for (const path of paths) {
    if (basename(path) === 'busybox') continue;
    await mkdir(join(root, dirname(path)), { recursive: true });
    await symlink('/bin/busybox', join(root, path));
  }
}
