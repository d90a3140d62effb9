import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative as pathBetween, resolve, sep } from 'node:path';
import { failure } from '../../failure.ts';
import { fileFailure, filing, isMissing } from './errors.ts';

/**
 * The real path of something below a root, whether it exists yet or not.
 * @throws failure InvalidInput when the path, or a symbolic link on its way, leads outside of the root
 */
export async function inside(root: string, relative: string): Promise<string> {
  const path = lexically(root, relative);
  const realRoot = await filing(`find the folder ${root}`, () => realpath(root));
  const real = await realOf(path);
  if (real !== realRoot && !real.startsWith(withSeparator(realRoot))) throw escapes(relative);
  return real;
}

function lexically(root: string, relative: string): string {
  if (root === '' || !isAbsolute(root)) {
    throw failure('InvalidInput', `The root folder ${JSON.stringify(root)} is not an absolute path`);
  }
  if (relative.includes('\0') || isAbsolute(relative)) throw escapes(relative);
  const path = resolve(root, relative);
  const between = pathBetween(resolve(root), path);
  if (between === '..' || between.startsWith(`..${sep}`) || isAbsolute(between)) throw escapes(relative);
  return path;
}

/** realpath, with the part that does not exist yet kept as it is. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw fileFailure(error, `find ${path}`);
  }
  if (await isDanglingLink(path)) throw escapes(path);
  const parent = dirname(path);
  return join(await realOf(parent), path.slice(parent.length));
}

async function isDanglingLink(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found?.isSymbolicLink() ?? false;
}

function withSeparator(path: string): string {
  return path.endsWith(sep) ? path : path + sep;
}

function escapes(path: string): Error {
  return failure('InvalidInput', `The path ${JSON.stringify(path)} leads outside of its root folder`);
}
