import { CancellationScope } from '@temporalio/workflow';

/**
 * Runs `work` over all items, at most `limit` at a time, in order. The first failure cancels what is still running,
 * waits for it to end, and is thrown; nothing is left behind in the background.
 */
export async function bounded<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const lane = async (): Promise<void> => {
      while (failure === undefined && next < items.length) {
        const index = next++;
        try {
          results[index] = await work(items[index] as T);
        } catch (error) {
          failure ??= { error };
          scope.cancel();
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  });
  if (failure !== undefined) throw failure.error;
  return results;
}
