/** The instance's volume as SQL Server sees it. Tasks of the executor name paths relative to it. */
const sqlRoot = '/var/opt/mssql/';

/** Folders below it. SQL Server writes and reads here; the store's mount it cannot write to. */
export const backupStaging = 'backup-mssql';
export const restoreStaging = 'restore-staging';

export function stagingOfRun(run: string): string {
  return `${backupStaging}/${run}`;
}

export function stagingOfRestore(restoreId: string): string {
  return `${restoreStaging}/${restoreId}`;
}

/** `backup-mssql/…` → `/var/opt/mssql/backup-mssql/…` */
export function onServer(path: string): string {
  return `${sqlRoot}${path}`;
}

/** The other way round; null for a path outside of the volume. */
export function belowRoot(device: string): string | null {
  return device.startsWith(sqlRoot) ? device.slice(sqlRoot.length) : null;
}
