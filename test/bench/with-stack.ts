import { startStack, type Stack } from '../support/stack.ts';
import { openWorkload, type Workload } from '../support/workload.ts';
import { openBigFolder } from './big-folder.ts';
import { useBuiltBundle } from './built-bundle.ts';

/** Runs a section on a stack of its own, and leaves nothing behind. */
export async function withStack(
  neededBytes: number,
  work: (stack: Stack, source: Workload) => Promise<void>,
): Promise<void> {
  await using folder = await openBigFolder(neededBytes);
  await useBuiltBundle(folder.path);
  const stack = await startStack({ folder: folder.path });
  try {
    const source = await openWorkload(stack.source.port, stack.password);
    try {
      await work(stack, source);
    } finally {
      await source.close();
    }
  } finally {
    await stack.stop();
  }
}
