import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cached } from '../../../worker/dev/cache.ts';
import { run } from '../host/command.ts';
import { cachePath } from '../kubernetes/programs.ts';
import { timed, type Say } from '../say.ts';
import { packArchive } from './archive.ts';
import { installBusybox, staticBusybox } from './busybox.ts';
import { makeSystemFiles } from './system-files.ts';

/** Stands for `node:24-bookworm-slim` where no registry of images can be reached: this machine's Node and libraries. */
export const baseImage = `localhost/node-base:${process.versions.node}`;

export async function baseImageArchive(say: Say): Promise<string> {
  const busybox = await staticBusybox(say);
  return cached({
    path: cachePath('images', `node-base-${process.versions.node}.tar`),
    waiting: (pid) => say(`Process ${pid} is packing ${baseImage}: waiting for it`),
    make: (folder) =>
      timed(say, `Packing ${baseImage}`, async () => {
        const root = join(folder, 'root');
        await makeSystemFiles(root);
        await installBusybox(busybox, root);
        await installNode(root);
        return packArchive({
          name: baseImage,
          root,
          env: [`NODE_VERSION=${process.versions.node}`],
          command: ['node'],
          workFolder: folder,
        });
      }),
  });
}

async function installNode(root: string): Promise<void> {
  const libraries = await librariesOf(process.execPath);
  // Native modules may want what the C library brings beside itself.
  const libc = libraries.find((path) => basename(path) === 'libc.so.6');
  const beside = ['librt.so.1', 'libresolv.so.2', 'libnss_dns.so.2', 'libnss_files.so.2']
    .map((name) => join(dirname(libc ?? '/lib'), name))
    .filter((path) => existsSync(path));
  for (const path of new Set([...libraries, ...beside])) await copy(path, join(root, path));
  await copy(process.execPath, join(root, 'usr', 'local', 'bin', 'node'));
  await chmod(join(root, 'usr', 'local', 'bin', 'node'), 0o755);
}

/** Paths of the libraries and of the program that loads them. */
async function librariesOf(program: string): Promise<string[]> {
  const listing = await run('ldd', [program]);
  return [...listing.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}
