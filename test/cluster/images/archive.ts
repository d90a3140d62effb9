import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from '../host/command.ts';

export interface ArchiveOptions {
  /** `localhost/busybox:1` */
  readonly name: string;
  /** What the image's root folder is to hold. */
  readonly root: string;
  readonly env?: readonly string[];
  readonly command: readonly string[];
  /** An empty folder for what comes up on the way. */
  readonly workFolder: string;
}

/**
 * Packs a folder as an image of one layer, in the format of `docker save`, which buildah and containerd read. Equal
 * folders give equal images: no times, no owners.
 * @returns path of the archive
 */
export async function packArchive({ name, root, env = [], command, workFolder }: ArchiveOptions): Promise<string> {
  const parts = join(workFolder, 'parts');
  await mkdir(parts, { recursive: true });
  await tar(root, join(parts, 'layer.tar'), ['.']);
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', ...env], Cmd: command },
    rootfs: { type: 'layers', diff_ids: [`sha256:${await hashOf(join(parts, 'layer.tar'))}`] },
  });
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  await writeFile(join(parts, configName), config);
  const manifest = [{ Config: configName, RepoTags: [name], Layers: ['layer.tar'] }];
  await writeFile(join(parts, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(workFolder, 'image.tar');
  await tar(parts, `${archive}.new`, ['manifest.json', configName, 'layer.tar']);
  await rename(`${archive}.new`, archive);
  return archive;
}

async function tar(folder: string, file: string, what: readonly string[]): Promise<void> {
  const equal = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  await run('tar', [...equal, '--create', '--file', file, '--directory', folder, ...what]);
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
