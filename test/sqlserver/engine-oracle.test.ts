import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SqlMoment } from './contracts.ts';
import { addBallast, touchBallast } from './engine/ballast.ts';
import { toDatetime } from './engine/moment.ts';
import { Lab, moved, numbers, tick } from './engine/testing/harness.ts';

type Step =
  'insert' | 'many' | 'full' | 'diff' | 'log' | 'copyfull' | 'copylog' | 'touch' | 'kill' | 'pause' | 'checkpoint';

interface Taken {
  readonly kind: 'full' | 'diff' | 'log';
  readonly path: string;
  readonly copyOnly: boolean;
  /** Index of the full backup that a differential is based on. */
  readonly base: number;
  readonly ended: bigint;
}

const steps = fc.array(
  fc.constantFrom<Step>(
    'insert',
    'insert',
    'many',
    'full',
    'diff',
    'log',
    'log',
    'copyfull',
    'copylog',
    'touch',
    'kill',
    'pause',
    'checkpoint',
  ),
  { minLength: 5, maxLength: 25 },
);

/** A workload with its backups, and for every row the tick at which it was committed. */
class Story {
  readonly commits: { readonly id: number; readonly ticks: bigint }[] = [];
  readonly taken: Taken[] = [];
  readonly #lab: Lab;
  readonly #name: string;
  #base = -1;

  constructor(lab: Lab, name: string) {
    this.#lab = lab;
    this.#name = name;
  }

  async backUp(kind: Taken['kind'], copyOnly = false): Promise<void> {
    const path = `${this.#name}-${this.taken.length}.bak`;
    await this.#lab.backup(this.#name, path, {
      kind: kind === 'log' ? 'log' : 'database',
      differential: kind === 'diff',
      copyOnly,
      checksum: true,
      compression: this.taken.length % 2 === 0,
    });
    if (kind === 'full' && !copyOnly) this.#base = this.taken.length;
    this.taken.push({ kind, path, copyOnly, base: this.#base, ended: this.#lab.now().ticks });
  }

  insert(): void {
    const id = this.commits.length;
    this.#lab.insert(this.#name, id);
    this.commits.push({ id, ticks: this.#lab.database(this.#name).boot!.lastCommitTicks! });
  }

  async step(step: Step): Promise<void> {
    const lab = this.#lab;
    const database = lab.database(this.#name);
    switch (step) {
      case 'insert':
        return this.insert();
      case 'many':
        for (let i = 0; i < 30; i += 1) this.insert();
        return;
      case 'full':
      case 'diff':
      case 'log':
        return this.backUp(step);
      case 'copyfull':
        return this.backUp('full', true);
      case 'copylog':
        return this.backUp('log', true);
      case 'touch':
        await addBallast(database, 1);
        await touchBallast(database, 1);
        return;
      case 'kill':
        return lab.reopen();
      case 'pause':
        return tick();
      case 'checkpoint':
        return database.storage.unpin(await database.storage.checkpoint());
    }
  }

  /** Rows committed at or before a moment. */
  until(stop: bigint): readonly number[] {
    return this.commits.filter((c) => c.ticks <= stop).map((c) => c.id);
  }
}

/** Restores to a moment as a person would: newest full before it, newest differential on that, then logs. */
async function restoreTo(lab: Lab, story: Story, target: string, stopAt: SqlMoment): Promise<readonly number[]> {
  const before = (t: Taken) => t.ended < stopAt.ticks;
  const full = story.taken.findLastIndex((t) => t.kind === 'full' && before(t));
  const chosen = story.taken[full]!;
  await lab.restore(target, chosen.path, moved('source', target));
  let from = full;
  if (!chosen.copyOnly) {
    const diff = story.taken.findLastIndex((t) => t.kind === 'diff' && t.base === full && before(t));
    if (diff >= 0) {
      await lab.restore(target, story.taken[diff]!.path);
      from = diff;
    }
  }
  for (const log of story.taken.slice(from + 1).filter((t) => t.kind === 'log' && !t.copyOnly)) {
    const messages = await lab.restore(target, log.path, { kind: 'log', stopAt, recovery: 'recovery' });
    if (!numbers(messages).includes(4322)) return lab.ids(target);
  }
  await lab.restore(target, undefined, { recovery: 'recovery' });
  return lab.ids(target);
}

test('a restore to any moment shows exactly what was committed at or before it', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (plan, dice) => {
      await using lab = await Lab.open({ timeZone: 'Asia/Bangkok' });
      await lab.create('source');
      const story = new Story(lab, 'source');
      await story.backUp('full');
      for (const step of plan) await story.step(step);
      await tick();
      story.insert();
      await story.backUp('log');
      const [first, last] = [story.taken[0]!.ended, story.commits.at(-1)!.ticks];
      for (const target of ['a', 'b', 'c']) {
        const share = Number(dice.next().value);
        const wanted = first + 100_000n + BigInt(Math.floor(Number(last - first) * share));
        const stopAt = toDatetime({ ticks: wanted });
        assert.deepEqual(await restoreTo(lab, story, target, stopAt), story.until(stopAt.ticks));
        assert.deepEqual(await lab.database(target).check(new AbortController().signal), []);
      }
    }),
    { numRuns: 25 },
  );
});
