import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../host/command.ts';
import { cachePath } from '../kubernetes/programs.ts';
import { installRequirements, mustBeAbleToRunACluster } from '../requirements.ts';
import { sayOnStderr, timed, type Say } from '../say.ts';
import { baseImage, baseImageArchive } from './base-image.ts';

export interface ImageOptions {
  /** `localhost/mssql-pitr:test` */
  readonly name: string;
  readonly dockerfile: string;
  readonly context: string;
  /** `BASE` is the base image unless it is given. */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Path of the archive to write. */
  readonly archive: string;
  readonly say?: Say;
}

/** Builds a Dockerfile, and writes the image as an archive that {@link Cluster.loadImage} takes. No registry is asked. */
export async function buildImage(options: ImageOptions): Promise<string> {
  const { name, dockerfile, context, archive, buildArgs = {}, say = sayOnStderr } = options;
  mustBeAbleToRunACluster();
  await installRequirements(say);
  await mkdir(dirname(archive), { recursive: true });
  const folder = await mkdtemp(`${archive}.`);
  const buildah = await buildahIn(folder);
  try {
    await pullBase(buildah, say);
    await timed(say, `Building ${name}`, async () => {
      const args = Object.entries({ BASE: baseImage, ...buildArgs }).map(
        ([key, value]) => `--build-arg=${key}=${value}`,
      );
      await buildah(
        'bud',
        '--isolation=chroot',
        '--pull-never',
        ...args,
        `--tag=${name}`,
        `--file=${dockerfile}`,
        context,
      );
      await buildah('push', '--quiet', name, `docker-archive:${join(folder, 'image.tar')}:${name}`);
      await buildah('rmi', '--force', name);
    });
    await rename(join(folder, 'image.tar'), archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return archive;
}

type Buildah = (...args: string[]) => Promise<string>;

async function pullBase(buildah: Buildah, say: Say): Promise<void> {
  const archive = await baseImageArchive(say);
  const there = await buildah('images', '--noheading', '--format={{.Name}}:{{.Tag}}');
  if (!there.split('\n').includes(baseImage)) await buildah('pull', '--quiet', `docker-archive:${archive}`);
}

/** Its mounts are in a namespace that ends with each command; its layers are in this user's cache. */
async function buildahIn(folder: string): Promise<Buildah> {
  const config = join(folder, 'containers.conf');
  // It makes its folder for networks even where it uses none: not in /etc.
  await writeFile(config, `[network]\nnetwork_config_dir = ${JSON.stringify(join(folder, 'networks'))}\n`);
  const store = [
    '--root',
    cachePath('images', 'buildah'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver=overlay',
  ];
  return (...args) => run('unshare', ['--mount', 'buildah', ...store, ...args], { env: { CONTAINERS_CONF: config } });
}
