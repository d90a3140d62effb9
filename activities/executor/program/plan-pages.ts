import { readPlanDocument, readSteps, type PlannedDatabaseDocument } from '../store/plan-document.ts';
import type { Roots } from '../tasks.ts';
import { stepsPerPage, type PlanPage, type ProgramTasks } from './tasks.ts';

interface PlanReference {
  readonly planPath: string;
  readonly planDigest: string;
}

/** Together with what was asked for. Larger ones are read when they are needed. */
const mostBytes = 2 * 1024 * 1024;

/** One page that is wanted; the first page of the other databases, as far as they fit, comes along. */
export async function planPages(
  { planPath, planDigest, database, page }: ProgramTasks['planPages']['input'],
  { store }: Roots,
): Promise<readonly PlanPage[]> {
  const reference = { planPath, planDigest };
  const { databases } = await readPlanDocument(store, reference);
  const wanted = databases.find((each) => each.database === database) ?? { database, stepCount: 0 };
  const first = [await readPage(store, reference, wanted, page)];
  const others = page === 0 ? databases.filter((each) => each.database !== database) : [];
  return [...first, ...(await asFits(store, reference, others, mostBytes - sizeOf(first)))];
}

/** The first page of every database, as far as they fit. */
export async function firstPages(store: string, reference: PlanReference): Promise<readonly PlanPage[]> {
  const { databases } = await readPlanDocument(store, reference);
  return asFits(store, reference, databases, mostBytes);
}

async function asFits(
  store: string,
  reference: PlanReference,
  databases: readonly PlannedDatabaseDocument[],
  room: number,
): Promise<readonly PlanPage[]> {
  const pages: PlanPage[] = [];
  let left = room;
  for (const each of databases) {
    if (left <= 0) break;
    const page = await readPage(store, reference, each, 0);
    left -= sizeOf(page);
    if (left >= 0) pages.push(page);
  }
  return pages;
}

async function readPage(
  store: string,
  reference: PlanReference,
  { database, stepCount }: Pick<PlannedDatabaseDocument, 'database' | 'stepCount'>,
  page: number,
): Promise<PlanPage> {
  const from = Math.min(page * stepsPerPage, stepCount);
  const to = Math.min(from + stepsPerPage, stepCount);
  const { plan, planned, steps } = await readSteps(store, { ...reference, database, from, to });
  return {
    database,
    page,
    slice: {
      targetTime: plan.targetTime,
      targetDatabase: planned.targetDatabase,
      stepCount: planned.stepCount,
      reach: planned.reach,
      steps: steps.map(({ set, stopAt }) => ({ set, stopAt })),
    },
  };
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}
