import { failure } from '../../failure.ts';
import { stepsPerPage, type PlanPage } from '../../executor/program/tasks.ts';
import type { TaskControl, Tasks } from '../../executor/tasks.ts';

type Input = Tasks['readPlan']['input'];
type Slice = Tasks['readPlan']['output'];
interface PageInput extends Pick<Input, 'planPath' | 'planDigest' | 'database'> {
  /** Instance whose store holds the plan. */
  readonly source: string;
  readonly page: number;
}

export interface PlanPages {
  /** Keeps pages that came along with something else. */
  keep(planDigest: string, pages: readonly PlanPage[]): void;
  read(input: Input & { readonly source: string }, control: TaskControl): Promise<Slice>;
}

/** Of up to five hundred steps, about half a megabyte each. */
const keptPages = 64;

/**
 * Plans that this worker has read, page by page. A plan is named by its digest, so it never changes, and a restore asks
 * for it a dozen times: a Job for each would take longer than the restore.
 * @param fetch runs the Job that reads a page
 */
export function openPlanPages(
  fetch: (input: PageInput, control: TaskControl) => Promise<readonly PlanPage[]>,
): PlanPages {
  const pages = new Map<string, Slice>();
  const flights = new Map<string, Promise<void>>();

  function keep(planDigest: string, found: readonly PlanPage[]): void {
    for (const { database, page, slice } of found) {
      const key = keyOf({ planDigest, database, page });
      pages.delete(key);
      pages.set(key, slice);
    }
    for (const oldest of [...pages.keys()].slice(0, Math.max(0, pages.size - keptPages))) pages.delete(oldest);
  }

  /** Several databases ask for their first page at the same time, and one Job brings all of them. */
  async function pageOf(input: PageInput, control: TaskControl): Promise<Slice> {
    const key = keyOf(input);
    const flightKey = input.page === 0 ? input.planDigest : key;
    for (;;) {
      control.signal.throwIfAborted();
      const known = pages.get(key);
      if (known !== undefined) return known;
      const other = flights.get(flightKey);
      if (other === undefined) break;
      // Its failure is the failure of who started it.
      await other.catch(() => undefined);
    }
    const flight = fetch(input, control).then((found) => keep(input.planDigest, found));
    flights.set(flightKey, flight);
    try {
      await flight;
    } finally {
      flights.delete(flightKey);
    }
    const found = pages.get(key);
    if (found !== undefined) return found;
    throw failure('JobFailed', `The executor did not read page ${input.page} of the plan of ${input.database}`);
  }

  return {
    keep,
    async read({ from, to, ...plan }, control) {
      const first = await pageOf({ ...plan, page: Math.floor(from / stepsPerPage) }, control);
      if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= first.stepCount)) {
        throw failure('InvalidInput', `The plan has steps 0 to ${first.stepCount}, not ${from} to ${to}`);
      }
      const steps: Slice['steps'][number][] = [];
      for (let page = Math.floor(from / stepsPerPage); page * stepsPerPage < to; page += 1) {
        const { steps: all } = await pageOf({ ...plan, page }, control);
        const start = page * stepsPerPage;
        steps.push(...all.slice(Math.max(0, from - start), to - start));
      }
      return { ...first, steps };
    },
  };
}

function keyOf({ planDigest, database, page }: Pick<PageInput, 'planDigest' | 'database' | 'page'>): string {
  return JSON.stringify([planDigest, database, page]);
}
