import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  readonly withinMs?: number;
  /** Throws as soon as waiting is in vain. */
  readonly giveUp?: () => void;
}

/** Polls until a probe holds; what a probe throws means not yet, and is told when the time is over. */
export async function waitFor(
  what: string,
  probe: () => Promise<boolean> | boolean,
  { withinMs = 60_000, giveUp }: WaitOptions = {},
): Promise<void> {
  const deadline = Date.now() + withinMs;
  let last: unknown = null;
  for (;;) {
    try {
      if (await probe()) return;
    } catch (error) {
      last = error;
    }
    giveUp?.();
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`, { cause: last });
    await pause(50);
  }
}
