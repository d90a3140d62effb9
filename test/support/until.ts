import { setTimeout as pause } from 'node:timers/promises';

/**
 * Polls until a probe finds something, and returns it. The deadline only ends a test that has failed.
 * @param what that never came, for the message
 * @param probe gives null, undefined or false for not yet
 */
export async function until<T>(
  what: string,
  probe: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`This never came: ${what}`);
    await pause(10);
  }
}
