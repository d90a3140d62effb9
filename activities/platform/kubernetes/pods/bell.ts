/** Wakes one waiter when something has happened; what happened before the wait counts. */
export interface Bell {
  ring(): void;
  /** Comes back at the next ring, or after some time. */
  heard(mostMs: number): Promise<void>;
}

export function openBell(): Bell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async heard(mostMs) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, mostMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = null;
      }
      rung = false;
    },
  };
}
