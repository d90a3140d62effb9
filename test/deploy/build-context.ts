import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** What a Dockerfile finds in its folder, as paths of the project. */
export interface BuildContext {
  readonly files: readonly string[];
  /** Folders of packages, without the packages in them. */
  readonly packages: readonly string[];
}

/** What deploy/Dockerfile.dockerignore lets through, and of node_modules what `npm ci --omit=dev` would install. */
export async function workerContext(): Promise<BuildContext> {
  const folders = await Promise.all(['workflows', 'activities', 'client', 'worker'].map(filesBelow));
  return {
    files: ['package.json', 'package-lock.json', 'deploy/trim-modules.sh', ...folders.flat()],
    packages: await productionPackages(),
  };
}

export async function simulatorContext(): Promise<BuildContext> {
  const files = (await filesBelow('test/sqlserver')).filter((path) => !path.endsWith('.test.ts'));
  return { files: ['package.json', ...files], packages: ['node_modules/zod'] };
}

/** Changes with every file; for packages the lock file answers. */
export async function digestOf({ files }: BuildContext, besides: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(besides.join('\0'));
  for (const path of [...files, 'package-lock.json'].sort()) {
    hash.update(`\0${path}\0`).update(await readFile(join(projectRoot, path)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Links where it can: packages are a quarter of a gigabyte. */
export async function fillContext({ files, packages }: BuildContext, folder: string): Promise<void> {
  const ofPackages = await Promise.all(packages.map(filesOfPackage));
  for (const path of [...files, ...ofPackages.flat()]) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await link(join(projectRoot, path), target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      await copyFile(join(projectRoot, path), target);
    });
  }
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

/** Without `node`, which is the base image's matter: under `--ignore-scripts` that package is empty. */
async function productionPackages(): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')) as Lock;
  return Object.entries(packages)
    .filter(([path, { dev = false }]) => path !== '' && path !== 'node_modules/node' && !dev)
    .map(([path]) => path);
}

/** What the Dockerfile deletes anyway, and half of what would have to be copied. */
const trimmed = /\.(d\.[mc]?ts|map)$/;

async function filesOfPackage(path: string): Promise<string[]> {
  try {
    return (await filesBelow(path)).filter((file) => !trimmed.test(file));
  } catch (error) {
    // A package for another platform.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(join(projectRoot, path), { withFileTypes: true });
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
      .map((entry) => filesBelow(`${path}/${entry.name}`)),
  );
  return [...entries.filter((entry) => entry.isFile()).map((entry) => `${path}/${entry.name}`), ...below.flat()];
}
