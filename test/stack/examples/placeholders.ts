import { readManifests } from '../../support/store.ts';
import type { Place } from './place.ts';

interface Placeholder {
  readonly stands: RegExp;
  readonly value: (place: Place, written: string) => string | Promise<string>;
}

let targets = 0;

/** What the texts have in place of what only the reader knows, and what is typed here. Each is used by some example. */
export const placeholders: readonly Placeholder[] = [
  { stands: /2026-02-10T06:54:34Z/, value: ({ moment }) => moment },
  { stands: /2026-02-10T07:54:34\+01:00/, value: ({ moment }) => inBerlin(moment) },
  { stands: /<instance>/, value: () => 'mssql-rt' },
  { stands: / \[instance\]/, value: () => ' mssql-rt' },
  { stands: /<kind>/, value: () => 'log' },
  { stands: / \[kind\]/, value: () => ' log' },
  // Every restore to a target of its own: databases are never restored over.
  { stands: /(?<=--target |"target":")[a-z0-9-]+/, value: (_, written) => `${written}-${(targets += 1)}` },
  { stands: /<workflow id>/, value: (place) => place.runningId() },
  { stands: /restore\/mssql-rt-target\/20260210T070000Z-5f2c/, value: (place) => place.runningId() },
  { stands: /mssql-rt\.5f2c81aa/, value: newestHold },
  { stands: /5D2A0F9E-8C1B-4E57-9F0A-2B6D3C4E5F60/, value: setOfDb2 },
];

/** The command with everything filled in. */
export async function fill(command: string, place: Place): Promise<string> {
  let filled = command;
  for (const { stands, value } of placeholders) {
    const [written] = stands.exec(filled) ?? [];
    if (written !== undefined) filled = filled.replace(stands, await value(place, written));
  }
  return filled;
}

function inBerlin(utc: string): string {
  return new Date(Date.parse(utc) + 3_600_000).toISOString().replace(/\.\d+Z/, '+01:00');
}

async function newestHold(place: Place): Promise<string> {
  const { stdout } = await place.type('mssql-pitr holds mssql-rt --json');
  const { holds } = JSON.parse(stdout) as { holds: readonly { id: string; createdAt: string }[] };
  const newest = holds.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)).at(-1);
  if (newest === undefined) throw new Error('nothing is held');
  return newest.id;
}

async function setOfDb2({ stack }: Place): Promise<string> {
  const logs = (await readManifests(stack)).filter(({ database, kind }) => database === 'db2' && kind === 'log');
  const log = logs.toSorted((a, b) => a.finishedAt.localeCompare(b.finishedAt)).at(-1);
  if (log === undefined) throw new Error('there is no log backup of db2');
  return log.id;
}
