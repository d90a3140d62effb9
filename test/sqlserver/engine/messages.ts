import { SqlError } from '../contracts.ts';
import type { SqlMessage } from '../contracts.ts';

/** Severity 10 of sys.messages travels as class 0. */
export function info(number: number, text: string): SqlMessage {
  return { number, class: 0, state: 1, text };
}

export function failure(number: number, text: string, state = 1, severity = 16): SqlMessage {
  return { number, class: severity, state, text };
}

export function sqlError(number: number, text: string, state = 1, severity = 16): SqlError {
  return new SqlError(failure(number, text, state, severity));
}

export const noSuchDatabase = (name: string) =>
  sqlError(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`, 11);

export const inTransaction = () =>
  sqlError(3021, 'Cannot perform a backup or restore operation within a transaction.', 0);

export const terminating = (what: string) => failure(3013, `${what} is terminating abnormally.`);

export const osText = {
  notFound: '2(The system cannot find the file specified.)',
  pathNotFound: '3(The system cannot find the path specified.)',
  denied: '5(Access is denied.)',
  inUse: '32(The process cannot access the file because it is being used by another process.)',
  invalidData: '13(The data is invalid.)',
  endOfFile: '38(Reached the end of the file.)',
  diskFull: '112(There is not enough space on the disk.)',
  deviceError: '1117(The request could not be performed because of an I/O device error.)',
} as const;

/** What SQLPAL makes of a Linux error. */
export function osErrorText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
      return osText.notFound;
    case 'ENOTDIR':
      return osText.pathNotFound;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EISDIR':
      return osText.denied;
    case 'ENOSPC':
    case 'EDQUOT':
      return osText.diskFull;
    case 'EIO':
      return osText.deviceError;
    default:
      throw error;
  }
}

export const cannotOpenDevice = (path: string, os: string, state: number) =>
  sqlError(3201, `Cannot open backup device '${path}'. Operating system error ${os}.`, state);

export const writeFailed = (path: string, os: string) => sqlError(3202, `Write on "${path}" failed: ${os}`);
export const readFailed = (path: string, os: string) => sqlError(3203, `Read on "${path}" failed: ${os}`);
