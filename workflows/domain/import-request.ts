import { checkDatabases, checkName, isRecord, unknownKeys, type Issue } from './request.ts';

/** Input of the workflow `importBackups`. */
export interface ImportRequest {
  /** Instance of temporal.yaml that took the backups: they go into its part of its store. */
  readonly instance: string;
  /** Folder on the instance's volume, as SQL Server sees it (/var/opt/mssql/…), with everything below it. */
  readonly folder: string;
  /** Only backups of these; all when absent. */
  readonly databases?: readonly string[];
  /** `plan` says what would be taken in, and takes nothing. Default `import`. */
  readonly mode?: 'plan' | 'import';
}

const root = '/var/opt/mssql/';

/** Problems of the request; empty when it can be tried. */
export function checkImportRequest(request: ImportRequest): readonly Issue[] {
  if (!isRecord(request)) {
    return [
      { path: '', problem: 'must be an object such as {"instance":"mssql-rt","folder":"/var/opt/mssql/import"}' },
    ];
  }
  const { folder, mode } = request;
  const issues = [
    ...unknownKeys(request, ['instance', 'folder', 'databases', 'mode']),
    ...checkName('instance', request.instance),
    ...checkDatabases(request.databases),
  ];
  if (typeof folder !== 'string' || importFolder(folder) === null) {
    issues.push({
      path: 'folder',
      problem: `must be a folder below ${root}, where SQL Server can read the headers, such as ${root}import`,
    });
  }
  if (mode !== undefined && mode !== 'plan' && mode !== 'import')
    issues.push({ path: 'mode', problem: `must be plan or import, not ${JSON.stringify(mode)}` });
  return issues;
}

/** The folder relative to the instance's volume; null when it is not there. */
export function importFolder(folder: string): string | null {
  const below = folder.startsWith(root) ? folder.slice(root.length).replace(/\/+$/, '') : '';
  return below === '' || below.split('/').some((part) => part === '' || part === '.' || part === '..') ? null : below;
}

/** Why a file, or a set in it, is not taken in. */
export type SkipReason =
  /** Nothing to be done about. */
  | 'already-in-store'
  | 'duplicate'
  | 'system-database'
  | 'not-asked-for'
  | 'no-backup-file'
  /** To be looked at: something is wrong with it. */
  | 'other-database'
  | 'other-server'
  | 'unsupported-kind'
  | 'media-incomplete'
  | 'cut-off'
  | 'damaged'
  | 'unreadable'
  | 'not-copied';

const harmless: readonly SkipReason[] = [
  'already-in-store',
  'duplicate',
  'system-database',
  'not-asked-for',
  'no-backup-file',
];

/** Nothing is wrong with what is left out for this reason. */
export function isHarmless(reason: SkipReason): boolean {
  return harmless.includes(reason);
}
