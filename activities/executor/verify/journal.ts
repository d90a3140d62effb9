import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { FindingKind, StoreFinding, VerifyTotals } from '../../../workflows/contracts.ts';
import { makeFolders } from '../io/durable.ts';
import { filing } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { readSmall, replaceQuickly } from '../io/text.ts';
import { layout } from '../store/layout.ts';

const finding = z.object({
  kind: z.enum(['missing', 'damaged', 'manifest', 'foreign', 'unrestorable']),
  path: z.string(),
  what: z.string(),
}) satisfies z.ZodType<StoreFinding>;

const line = z.union([
  z.object({
    /** Manifest below the store. */
    set: z.string(),
    bytes: z.number(),
    healed: z.boolean(),
    findings: z.array(finding),
  }),
  z.object({
    /** Folder of a database, all of whose sets were read. */
    folder: z.string(),
    holes: z.number(),
    findings: z.array(finding),
  }),
]);

export type JournalLine = z.output<typeof line>;

const mostBytes = 512 * 1024 * 1024;

/** What one slice of a reading has found so far, a line a set. */
export class Journal {
  readonly lines: JournalLine[];
  readonly #path: string;

  private constructor(path: string, lines: JournalLine[]) {
    this.#path = path;
    this.lines = lines;
  }

  /** A process that was killed may leave half a line: it is dropped, and its set is read again. */
  static async open(store: string, instance: string, run: string, slice: number): Promise<Journal> {
    const folder = await inside(store, layout.verify(instance, run));
    await filing(`make ${folder}`, () => makeFolders(folder));
    const path = join(folder, journalName(slice));
    const text = (await readSmall(path, mostBytes)) ?? '';
    const lines = linesOf(text);
    if (!text.endsWith('\n') && text !== '') {
      const whole = lines.map((one) => `${JSON.stringify(one)}\n`).join('');
      await replaceQuickly(path, whole, await inside(store, layout.partials(instance)));
    }
    return new Journal(path, lines);
  }

  async add(one: JournalLine): Promise<void> {
    this.lines.push(one);
    await filing(`write ${this.#path}`, () => appendFile(this.#path, `${JSON.stringify(one)}\n`, { mode: 0o640 }));
  }
}

export async function readJournal(store: string, instance: string, run: string, slice: number): Promise<JournalLine[]> {
  const path = await inside(store, `${layout.verify(instance, run)}/${journalName(slice)}`);
  return linesOf((await readSmall(path, mostBytes)) ?? '');
}

export function journalName(slice: number): string {
  return `slice-${String(slice).padStart(5, '0')}.jsonl`;
}

export function totalsOf(lines: readonly JournalLine[]): VerifyTotals {
  const counts: Partial<Record<FindingKind, number>> = {};
  for (const { findings } of lines) for (const { kind } of findings) counts[kind] = (counts[kind] ?? 0) + 1;
  const sets = lines.filter((one) => 'set' in one);
  return {
    sets: sets.length,
    bytes: sets.reduce((sum, one) => sum + one.bytes, 0),
    healed: sets.filter((one) => one.healed).length,
    counts,
  };
}

function linesOf(text: string): JournalLine[] {
  return text.split('\n').flatMap((each) => {
    try {
      return [line.parse(JSON.parse(each))];
    } catch {
      return [];
    }
  });
}
