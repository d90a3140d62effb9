import type { DatabaseState } from '../contracts.ts';
import { sqlError } from './messages.ts';

export const suspect = (name: string) =>
  sqlError(
    926,
    `Database '${name}' cannot be opened. It has been marked SUSPECT by recovery. See the SQL Server errorlog for more information.`,
    1,
    14,
  );

export const inaccessible = (name: string) =>
  sqlError(
    945,
    `Database '${name}' cannot be opened due to inaccessible files or insufficient memory or disk space.  See the SQL Server errorlog for details.`,
    2,
    14,
  );

/** @throws SqlError 927, 942, 922, 926, 945 */
export function requireAccess(name: string, state: DatabaseState): void {
  switch (state) {
    case 'RESTORING':
      throw sqlError(927, `Database '${name}' cannot be opened. It is in the middle of a restore.`, 2, 14);
    case 'OFFLINE':
      throw sqlError(942, `Database '${name}' cannot be opened because it is offline.`, 4, 14);
    case 'RECOVERING':
      throw sqlError(922, `Database '${name}' is being recovered. Waiting until recovery is finished.`, 2, 14);
    case 'SUSPECT':
      throw suspect(name);
    case 'RECOVERY_PENDING':
      throw inaccessible(name);
    case 'ONLINE':
    case 'EMERGENCY':
      return;
  }
}
