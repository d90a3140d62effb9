import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../../worker/dev/cache.ts';
import { baseImage } from '../cluster/images/base-image.ts';
import { buildImage } from '../cluster/images/build-image.ts';
import { cachePath } from '../cluster/kubernetes/programs.ts';
import { sayOnStderr, type Say } from '../cluster/say.ts';
import {
  digestOf,
  fillContext,
  projectRoot,
  simulatorContext,
  workerContext,
  type BuildContext,
} from './build-context.ts';

export interface TestImage {
  /** Its tag changes with what is in it. */
  readonly name: string;
  /** In the format of `docker save`. */
  readonly archive: string;
}

/** deploy/Dockerfile as it stands, on a base image that needs no registry. */
export async function workerImage(say: Say = sayOnStderr): Promise<TestImage> {
  const dockerfile = join(projectRoot, 'deploy', 'Dockerfile');
  return image({ title: 'mssql-pitr', dockerfile, context: await workerContext(), args: { MODULES: 'copied' }, say });
}

/** The simulated SQL Server, to stand where `mcr.microsoft.com/mssql/server` stands. */
export async function simulatorImage(say: Say = sayOnStderr): Promise<TestImage> {
  const dockerfile = join(import.meta.dirname, 'Dockerfile.simulator');
  return image({ title: 'mssql-simulator', dockerfile, context: await simulatorContext(), args: {}, say });
}

interface Recipe {
  readonly title: string;
  readonly dockerfile: string;
  readonly context: BuildContext;
  readonly args: Readonly<Record<string, string>>;
  readonly say: Say;
}

/** Built once for the same content. */
async function image({ title, dockerfile, context, args, say }: Recipe): Promise<TestImage> {
  const recipe = [dockerfile, `${dockerfile}.dockerignore`].filter((path) => existsSync(path));
  const tag = await digestOf(context, [
    baseImage,
    ...(await Promise.all(recipe.map((path) => readFile(path, 'utf8')))),
  ]);
  const name = `localhost/${title}:${tag}`;
  const folder = cachePath('images');
  const archive = join(folder, `${title}-${tag}.tar`);
  await cached({
    path: archive,
    waiting: (pid) => say(`Process ${pid} is building ${name}: waiting for it`),
    make: async (made) => {
      const place = await mkdtemp(join(folder, `${title}.context-`));
      try {
        await fillContext(context, place);
        return await buildImage({
          name,
          dockerfile,
          context: place,
          buildArgs: args,
          archive: join(made, 'image.tar'),
          say,
        });
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    },
  });
  await removeOld(folder, title, archive);
  return { name, archive };
}

const oldMs = 60 * 60_000;

/** Each has hundreds of megabytes. A young one may be what another test is about to load. */
async function removeOld(folder: string, title: string, wanted: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const path = join(folder, file);
    if (!file.startsWith(`${title}-`) || !file.endsWith('.tar') || path === wanted) continue;
    if (Date.now() - (await stat(path)).mtimeMs > oldMs) await rm(path, { force: true });
  }
}
