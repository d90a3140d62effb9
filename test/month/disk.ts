import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../../activities/executor/execute.ts';
import { manifestText } from '../../activities/executor/store/manifest.ts';
import type { Roots, TaskName, Tasks } from '../../activities/executor/tasks.ts';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { fileNameOf, guid, sha256Of } from '../executor/support.ts';

const content = Buffer.from('a backup');
const control = { signal: new AbortController().signal, progress: () => {} };

/** A real store with small files, for databases whose ids and names are those that a store may hold. */
export class Disk {
  readonly instance: string;
  readonly #roots: Roots;
  readonly #folder: string;

  constructor(instance: string) {
    this.instance = instance;
    this.#folder = mkdtempSync(join(tmpdir(), 'pitr-month-'));
    this.#roots = { store: join(this.#folder, 'store'), sql: join(this.#folder, 'sql') };
    for (const folder of [this.#roots.store, this.#roots.sql]) mkdirSync(folder);
  }

  run<T extends TaskName>(task: T, input: Tasks[T]['input']): Promise<Tasks[T]['output']> {
    return execute(task, input, this.#roots, control);
  }

  /** The model's set, as it would have been committed. */
  asStored(database: string, set: BackupSet): BackupSet {
    const id = (text: string): string => guid(`${this.instance} ${database} ${text}`);
    const stored = {
      ...set,
      instance: this.instance,
      database,
      id: id(set.id),
      differentialBaseId: set.differentialBaseId === null ? null : id(set.differentialBaseId),
      familyId: id(set.familyId),
      firstRecoveryForkId: id(set.firstRecoveryForkId),
      recoveryForkId: id(set.recoveryForkId),
    };
    return { ...stored, files: [{ name: fileNameOf(stored), sizeBytes: content.length, sha256: sha256Of(content) }] };
  }

  put(set: BackupSet): void {
    const folder = this.#of(set.database);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, set.files[0]?.name ?? '');
    writeFileSync(path, content);
    writeFileSync(`${path}.manifest.json`, manifestText(set));
  }

  /** Its file goes, or is cut short. */
  lose(set: BackupSet, how: 'gone' | 'cut'): void {
    const path = join(this.#of(set.database), set.files[0]?.name ?? '');
    if (how === 'gone') rmSync(path);
    else truncateSync(path, 3);
  }

  /** The folder of a database holds a file and a manifest of each of these sets, and nothing else. */
  assertHolds(database: string, sets: readonly BackupSet[], gone: ReadonlySet<string>): number {
    const expected = sets.flatMap(({ id, files }) => {
      const name = files[0]?.name ?? '';
      return gone.has(id) ? [`${name}.manifest.json`] : [name, `${name}.manifest.json`];
    });
    const found = sets.length === 0 ? [] : readdirSync(this.#of(database)).filter((name) => !name.startsWith('.'));
    assert.deepEqual(found.sort(), expected.sort(), `files of ${database} on ${this.instance}`);
    return found.length;
  }

  /** Nothing is left of removals. */
  assertFinished(): void {
    const names = readdirSync(join(this.#roots.store, this.instance, '.retention'));
    assert.deepEqual(
      names.filter((name) => name !== 'done'),
      [],
    );
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #of(database: string): string {
    return join(this.#roots.store, this.instance, database);
  }
}
