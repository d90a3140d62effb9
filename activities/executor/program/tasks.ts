import type { TaskName, Tasks } from '../tasks.ts';

/** What the program in a Job can be asked for: every task, and what spares Jobs. */
export interface ProgramTasks extends Tasks {
  /** Reads a page of the plan of one database; of page 0 also that of the others, as far as they are small. */
  planPages: {
    input: {
      readonly planPath: string;
      readonly planDigest: string;
      readonly database: string;
      readonly page: number;
    };
    output: readonly PlanPage[];
  };
  /** Stages what is asked for, and others along with it, which are null when they failed. */
  stageSeveral: {
    input: { readonly slices: readonly Tasks['stage']['input'][] };
    output: readonly (Tasks['stage']['output'] | null)[];
  };
}

/** Steps of one database of a plan, cut evenly. */
export interface PlanPage {
  readonly database: string;
  readonly page: number;
  /** As readPlan answers for the steps of this page. */
  readonly slice: Tasks['readPlan']['output'];
}

/** About a kilobyte each. */
export const stepsPerPage = 500;

export type ProgramTaskName = keyof ProgramTasks;

/** One piece of work, as the Job finds it in its task folder. */
export interface ProgramTask<T extends ProgramTaskName = ProgramTaskName> {
  readonly formatVersion: 1;
  readonly task: T;
  readonly input: ProgramTasks[T]['input'];
}

export interface ProgramResult<T extends ProgramTaskName = ProgramTaskName> {
  readonly output: ProgramTasks[T]['output'];
  /** After `plan`: what will be asked for next. */
  readonly pages?: readonly PlanPage[];
}

/** Folders of the executor's container. */
export const mounts = { store: '/backup-store', sql: '/var/opt/mssql', task: '/task' } as const;

/** Environment variables that name other folders, for a program that is run by hand. */
export const variables = {
  store: 'MSSQL_PITR_STORE',
  sql: 'MSSQL_PITR_SQL',
  task: 'MSSQL_PITR_TASK',
} as const satisfies Record<keyof typeof mounts, string>;

/** How the program ends. What it has said itself, by any of the first three, is final: running it again changes nothing. */
export const exitCodes = {
  done: 0,
  /** A failure of the vocabulary. */
  failed: 10,
  /** A fault of the program. */
  broken: 70,
  /** Told to stop (128 + SIGTERM). */
  stopped: 143,
} as const;

export function isTaskName(name: ProgramTaskName): name is TaskName {
  return name !== 'planPages' && name !== 'stageSeveral';
}
