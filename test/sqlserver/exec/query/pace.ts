import { PAUSE, type Flow } from '../expression/row.ts';

/** How long a statement works before it lets everybody else in. */
const SLICE_MS = 10;

/** Keeps one long statement from stopping all others: the server has one thread. */
export class Pace {
  readonly #check: () => void;
  #start = performance.now();

  /** `check` throws when the statement was interrupted. */
  constructor(run: { throwIfInterrupted(): void }) {
    this.#check = () => run.throwIfInterrupted();
  }

  async breathe(): Promise<void> {
    if (performance.now() - this.#start < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#check();
    this.#start = performance.now();
  }
}

/** All items of a flow. */
export async function collect<T>(flow: Flow<T>, run: { throwIfInterrupted(): void }): Promise<T[]> {
  const pace = new Pace(run);
  const items: T[] = [];
  for (const item of flow) {
    if (item === PAUSE) await pace.breathe();
    else items.push(item);
  }
  return items;
}
