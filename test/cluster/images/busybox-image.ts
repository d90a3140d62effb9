import { join } from 'node:path';
import { cached } from '../../../worker/dev/cache.ts';
import { cachePath } from '../kubernetes/programs.ts';
import type { Say } from '../say.ts';
import { packArchive } from './archive.ts';
import { installBusybox, staticBusybox } from './busybox.ts';
import { makeSystemFiles } from './system-files.ts';

/** A shell and its tools, for tests. */
export const busyboxImage = 'localhost/busybox:1';
/** What holds a pod's namespaces open: anything that sleeps. */
export const pauseImage = busyboxImage;

export async function busyboxArchive(say: Say): Promise<string> {
  const busybox = await staticBusybox(say);
  return cached({
    path: cachePath('images', 'busybox-1.tar'),
    waiting: (pid) => say(`Process ${pid} is packing busybox: waiting for it`),
    make: async (folder) => {
      const root = join(folder, 'root');
      await makeSystemFiles(root);
      await installBusybox(busybox, root);
      return packArchive({ name: busyboxImage, root, command: ['/bin/sleep', '2147483647'], workFolder: folder });
    },
  });
}
