import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import { renderProgress, type DatabaseLine, type Progress, type Step } from '../domain/runbook.ts';
import { progressQuery } from '../messages.ts';

/** Keeps a workflow's {@link Progress}, answers the query `progress` and shows it in the Temporal UI; costs no history. */
export interface Runbook {
  /** Runs one step; `detail` puts the outcome into words. */
  step<T>(name: string, run: () => Promise<T>, detail?: (result: T) => string): Promise<T>;
  fact(name: string, value: string): void;
  database(line: DatabaseLine): void;
}

export function openRunbook(title: string, names: readonly string[]): Runbook {
  const steps = new Map<string, Step>(
    names.map((name) => [name, { name, state: 'waiting', detail: '', startedAt: '', finishedAt: '' }]),
  );
  const facts: Record<string, string> = {};
  const databases = new Map<string, DatabaseLine>();
  const progress = (): Progress => ({ title, steps: [...steps.values()], facts, databases: [...databases.values()] });
  const show = (): void => setCurrentDetails(renderProgress(progress()));
  const put = (step: Step): void => {
    steps.set(step.name, step);
    show();
  };

  setHandler(progressQuery, progress);
  show();
  return {
    async step(name, run, detail = () => '') {
      const startedAt = new Date().toISOString();
      put({ name, state: 'running', detail: '', startedAt, finishedAt: '' });
      try {
        const result = await run();
        put({ name, state: 'done', detail: detail(result), startedAt, finishedAt: new Date().toISOString() });
        return result;
      } catch (error) {
        put({ name, state: 'failed', detail: causeText(error), startedAt, finishedAt: new Date().toISOString() });
        throw error;
      }
    },
    fact(name, value) {
      facts[name] = value;
      show();
    },
    database(line) {
      databases.set(line.name, line);
      show();
    },
  };
}

/** The innermost cause: an ActivityFailure only says that an activity failed. */
function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? causeText(error.cause) : error.message;
}
