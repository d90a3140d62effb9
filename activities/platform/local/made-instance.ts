import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { makeFolders, publish, syncFolder, writeDurably } from '../../executor/io/durable.ts';
import { errnoOf, filing } from '../../executor/io/errors.ts';
import { newPartial, removeDeadPartials } from '../../executor/io/partial.ts';
import { readSmall, replaceDurably } from '../../executor/io/text.ts';
import { failure } from '../../failure.ts';

const schema = z.object({
  formatVersion: z.literal(1),
  name: z.string(),
  source: z.string(),
  /** The restore that made it: the only one that may remove it. */
  restoreId: z.string(),
  port: z.int(),
  dataRoot: z.string(),
  /** In the environment of every process of the instance, which finds them again whatever was written down. */
  token: z.string(),
  process: z.object({ pid: z.int(), startTicks: z.int() }).nullable(),
  /** The command ended well and left a server behind that is not its child, as `docker run -d` does. */
  detached: z.boolean(),
});

/**
 * An instance that a restore made, as its file beside its data folder says. The file is there before the folder and
 * before the process, and it goes after them: whatever dies in between, the next attempt knows what may be there.
 */
export type MadeInstance = z.infer<typeof schema>;

const ending = '.instance.json';

export function stateFile(dataRoot: string): string {
  return `${dataRoot.replace(/\/+$/, '')}${ending}`;
}

export async function readMade(dataRoot: string): Promise<MadeInstance | null> {
  const path = stateFile(dataRoot);
  const json = await readSmall(path);
  if (json === null) return null;
  const parsed = schema.safeParse(tryJson(json));
  if (parsed.success) return parsed.data;
  throw failure('TargetFailed', `${path} cannot be understood; it is not touched: ${z.prettifyError(parsed.error)}`);
}

/** @returns false when another attempt was first */
export async function writeNewMade(made: MadeInstance): Promise<boolean> {
  const path = stateFile(made.dataRoot);
  return filing(`write ${path}`, async () => {
    await makeFolders(dirname(path));
    await removeDeadPartials(partialsOf(made));
    const partial = await newPartial(partialsOf(made), basename(path));
    try {
      await writeDurably(partial, textOf(made));
      return await publish(partial, path);
    } finally {
      await rm(partial, { force: true });
    }
  });
}

export async function updateMade(made: MadeInstance): Promise<MadeInstance> {
  await replaceDurably(stateFile(made.dataRoot), textOf(made), partialsOf(made));
  return made;
}

export async function forgetMade(made: MadeInstance): Promise<void> {
  const path = stateFile(made.dataRoot);
  await filing(`remove ${path}`, async () => {
    await rm(path, { force: true });
    await syncFolder(dirname(path));
  });
}

/** Ports of the other instances that restores made beside this one, running or not. */
export async function portsTaken(dataRoot: string): Promise<ReadonlySet<number>> {
  const folder = dirname(stateFile(dataRoot));
  const files = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const others = files.filter((name) => name.endsWith(ending) && join(folder, name) !== stateFile(dataRoot));
  const parsed = await Promise.all(
    others.map(async (name) => schema.safeParse(tryJson((await readSmall(join(folder, name))) ?? ''))),
  );
  return new Set(parsed.flatMap(({ data }) => (data === undefined ? [] : [data.port])));
}

export function newToken(): string {
  return randomUUID();
}

function partialsOf(made: MadeInstance): string {
  return join(dirname(stateFile(made.dataRoot)), '.partial');
}

function textOf(made: MadeInstance): string {
  return `${JSON.stringify(made, null, 2)}\n`;
}

function tryJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
