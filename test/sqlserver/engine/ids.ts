import { randomUUID } from 'node:crypto';

/** uniqueidentifier as SQL Server prints it. */
export function newGuid(): string {
  return randomUUID().toUpperCase();
}

export const NO_GUID = '00000000-0000-0000-0000-000000000000';
