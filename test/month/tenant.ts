import assert from 'node:assert/strict';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { covers, intersection } from '../../workflows/domain/interval.ts';
import { planDatabase } from '../../workflows/domain/restore-plan.ts';
import { restorePoint } from '../../workflows/domain/restore-point.ts';
import { decideRetention, type RetentionPolicy } from '../../workflows/domain/retention.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { reachable } from '../domain/support/brute-force.ts';
import { restore } from '../domain/support/model-restore.ts';
import type { Chance } from './chance.ts';
import type { Figures } from './figures.ts';
import type { Disk } from './disk.ts';
import { Life } from './life.ts';

interface Held {
  readonly id: string;
  readonly atMs: number;
  readonly untilDay: number;
  /** Of the model. */
  readonly setIds: readonly string[];
}

interface TenantOptions {
  readonly name: string;
  readonly seed: number;
  readonly policy: RetentionPolicy;
  readonly chance: Chance;
  readonly figures: Figures;
  /** Null: only the pure core is driven. */
  readonly disk: Disk | null;
}

/** A database of the fleet with its backups: what retention leaves of them is all that it has from then on. */
export class Tenant {
  readonly name: string;
  readonly #options: TenantOptions;
  readonly #life: Life;
  readonly #gone = new Set<string>();
  readonly #onDisk = new Set<string>();
  #held: Held[] = [];

  constructor(options: TenantOptions) {
    this.name = options.name;
    this.#options = options;
    this.#life = new Life(
      options.seed,
      (fault) => options.figures.fault(fault),
      (set) => this.#lose(set),
    );
  }

  get onDisk(): boolean {
    return this.#options.disk !== null;
  }

  /** The store knows it: something of it was backed up. */
  get isKnown(): boolean {
    return this.#life.server.store.length > 0;
  }

  get nowMs(): number {
    return this.#life.server.now;
  }

  day(): void {
    this.#life.day();
    const { disk, figures } = this.#options;
    for (const set of this.#life.server.store) {
      if (this.#onDisk.has(set.id)) continue;
      this.#onDisk.add(set.id);
      figures.sets += 1;
      disk?.put(disk.asStored(this.name, set));
    }
  }

  /** A person holds some moment for a few days, now and then. */
  async hold(day: number): Promise<void> {
    const { chance, disk, figures } = this.#options;
    for (const { id } of this.#held.filter(({ untilDay }) => untilDay <= day)) {
      await disk?.run('holds', { request: { action: 'release', instance: disk.instance, id }, holdId: '', at: '' });
    }
    this.#held = this.#held.filter(({ untilDay }) => untilDay > day);
    if (!chance.happens(0.01)) return;
    const { store } = this.#life.server;
    const interval = chance.pick(restorableWindow(store).intervals);
    if (interval === undefined) return;
    const atMs = interval.fromMs + chance.below(interval.toMs - interval.fromMs + 1);
    const point = restorePoint(store, { atMs });
    assert.ok(point.ok);
    const id = `${disk?.instance ?? 'pure'}.${String(day).padStart(8, '0')}-${this.name}`;
    if (disk !== null) {
      const at = new Date(atMs).toISOString();
      const request = { action: 'hold', instance: disk.instance, database: this.name, at, reason: 'month' } as const;
      const { holds } = await disk.run('holds', { request, holdId: id, at });
      assert.equal(holds[0]?.sets, point.setIds.length);
    }
    figures.holds += 1;
    this.#held.push({ id, atMs, setIds: point.setIds, untilDay: day + 1 + chance.below(20) });
  }

  /** The window that is shown equals what trying every order of backups finds, at moments chosen by chance. */
  async checkWindow(moments: number): Promise<void> {
    const { chance, disk, figures } = this.#options;
    const { store } = this.#life.server;
    if (store.length === 0) return;
    const shown = disk === null ? restorableWindow(store).intervals : await this.#shownByStore(disk);
    const edges = store.flatMap((set) => [set.startedAt, set.finishedAt, set.lastValidRestoreTime ?? set.startedAt]);
    for (let n = 0; n < moments && edges.length > 0; n += 1) {
      const near = Date.parse(chance.pick(edges) ?? '') + (chance.pick([-1, 0, 1, 999, 1000, 1001, 3_600_000]) ?? 0);
      assert.equal(covers(shown, near), reachable(store, near), `${this.name} at ${new Date(near).toISOString()}`);
      figures.oracle += 1;
    }
  }

  /** Decides as retention does, and checks that what is left restores as before, to what the database was then. */
  retain(): readonly BackupSet[] {
    const { policy, figures, chance } = this.#options;
    const { server } = this.#life;
    const { store } = server;
    const span = { fromMs: this.nowMs - policy.windowMs, toMs: this.nowMs };
    const protections = this.#held.flatMap(({ setIds }) => setIds.map((setId) => ({ setId, reason: 'held' })));
    const heldMs = this.#held.map(({ atMs }) => atMs);
    const verdicts = decideRetention({ sets: store, policy, nowMs: this.nowMs, protections, heldMs });
    const left = verdicts.flatMap(({ set, keptFor }) => (keptFor === null ? [] : [set]));
    figures.decisions += 1;
    if (left.length === store.length) return left;

    figures.removed += store.length - left.length;
    const before = restorableWindow(store).intervals;
    const after = restorableWindow(left).intervals;
    assert.deepEqual(intersection(after, [span]), intersection(before, [span]), `${this.name}: the window`);
    assert.deepEqual(intersection(after, before), after, `${this.name}: nothing that was not there`);
    for (const ms of heldMs) if (covers(before, ms)) assert.ok(covers(after, ms), `${this.name}: a hold`);
    server.store.splice(0, store.length, ...left);
    const interval = chance.pick(after);
    if (interval !== undefined) {
      const ms = interval.fromMs + chance.below(interval.toMs - interval.fromMs + 1);
      const outcome = planDatabase(left, ms);
      assert.ok(outcome.ok);
      assert.equal(
        restore(server, outcome.plan).content,
        server.contentAt(ms),
        `${this.name} at ${new Date(ms).toISOString()}`,
      );
      figures.restored += 1;
    }
    return left;
  }

  /** The files on disk are those of the sets that are left. */
  checkDisk(): void {
    const { disk, figures } = this.#options;
    if (disk === null) return;
    const sets = this.#life.server.store.map((set) => disk.asStored(this.name, set));
    figures.files += disk.assertHolds(this.name, sets, this.#gone);
  }

  async #shownByStore(disk: Disk) {
    const { databases } = await disk.run('window', {
      instance: disk.instance,
      databases: [this.name],
      nowMs: this.nowMs,
    });
    const own = databases[0];
    assert.ok(own !== undefined && own.olderIntervals === 0);
    return own.intervals.map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) }));
  }

  #lose(set: BackupSet): void {
    const { disk, chance } = this.#options;
    if (disk === null || !this.#onDisk.has(set.id)) return;
    const stored = disk.asStored(this.name, set);
    const how = chance.pick(['gone', 'cut'] as const) ?? 'gone';
    disk.lose(stored, how);
    if (how === 'gone') this.#gone.add(stored.id);
  }
}
