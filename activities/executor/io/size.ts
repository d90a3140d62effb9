import { stat } from 'node:fs/promises';
import { fileFailure, isMissing } from './errors.ts';

/** Size of a file; null when it is not there. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileFailure(error, `find ${path}`);
  }
}
