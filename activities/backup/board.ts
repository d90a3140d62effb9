/** Progress of many databases as one small JSON value: `{ done: 3, of: 100, failed: 0, running: { db1: '42 %' } }`. */
export interface Board {
  set(database: string, state: string): void;
  finish(database: string, outcome: 'done' | 'adopted' | 'left' | 'failed'): void;
}

/** More would make every heartbeat large. */
const shownDatabases = 20;

export function openBoard(of: number, report: (progress: unknown) => void): Board {
  const running = new Map<string, string>();
  const counts = { done: 0, adopted: 0, left: 0, failed: 0 };
  const show = (): void =>
    report({
      done: counts.done + counts.adopted,
      of,
      ...(counts.adopted > 0 ? { adopted: counts.adopted } : {}),
      ...(counts.left > 0 ? { left: counts.left } : {}),
      ...(counts.failed > 0 ? { failed: counts.failed } : {}),
      running: Object.fromEntries([...running].slice(0, shownDatabases)),
    });
  show();
  return {
    set(database, state) {
      running.set(database, state);
      show();
    },
    finish(database, outcome) {
      running.delete(database);
      counts[outcome] += 1;
      show();
    },
  };
}
