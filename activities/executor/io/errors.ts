import { failure } from '../../failure.ts';
import type { FailureType } from '../../../workflows/domain/failures.ts';

export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

export function isMissing(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT';
}

const types: Readonly<Record<string, FailureType>> = {
  ENOSPC: 'StorageFull',
  EDQUOT: 'StorageFull',
  EACCES: 'AccessDenied',
  EPERM: 'AccessDenied',
  ELOOP: 'InvalidInput',
  ENAMETOOLONG: 'InvalidInput',
};

/**
 * What an error of the file system means. Everything that is not about room or rights is the volume's own trouble
 * (EIO, ESTALE, EROFS, ENOTCONN, ETIMEDOUT …): it is tried again until the volume is back. An error without a code is
 * a fault of the program, or a failure already, and stays what it is.
 * @param doing what could not be done, with the path, e.g. `write /backup-store/x`
 */
export function fileFailure(error: unknown, doing: string): unknown {
  const code = errnoOf(error);
  if (code === null || !/^E[A-Z0-9]+$/.test(code)) return error;
  return failure(types[code] ?? 'StoreUnavailable', `Cannot ${doing}: ${code}`, { cause: error as Error });
}

/** Runs file work and translates what it throws. */
export async function filing<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(error, doing);
  }
}
