/** 64-bit FNV-1a as 16 hex digits: short, stable names without node:crypto, which the workflow sandbox does not have. */
export function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}

/**
 * A database or instance name as a folder or file name: itself when it is plain, else its plain characters and a hash,
 * so that two names never share a folder and no name reaches outside of it.
 */
export function safeName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(name)) return name;
  const plain = name
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 32);
  return `${plain || 'db'}~${shortHash(name)}`;
}

/** 2026-02-10T06:54:34.123Z → 20260210T065434Z */
export function timeStamp(iso: string): string {
  return iso.replace(/\.\d+/, '').replace(/[-:]/g, '');
}

/**
 * Short, unique and sortable name of a run; also the name of its staging folder.
 * @param runId of Temporal: a UUID of version 7, which begins with the time, so that runs of one minute begin alike
 */
export function runName(kind: string, startedAt: string, runId: string): string {
  return `${timeStamp(startedAt)}-${kind}-${shortHash(runId).slice(0, 12)}`;
}

/**
 * The NAME a backup is taken with. It is the key under which a retry finds the finished backup in msdb, so it depends on
 * nothing but the run, the database and the kind. At most 128 characters (BACKUP … NAME).
 */
export function backupName(run: string, database: string, kind: string): string {
  return `mssql-pitr ${run} ${kind} ${shortHash(database)}`;
}

/** File name of an attempt. Attempts never share a file: a torn one must not be appended to. */
export function backupFileName(run: string, database: string, kind: string, attempt: string): string {
  return `${safeName(database)}_${kind}_${run}_${attempt}.${kind === 'log' ? 'trn' : 'bak'}`;
}

export const workflowIds = {
  backup: (instance: string, kind: string): string => `backup/${safeName(instance)}/${kind}`,
  window: (instance: string, requestId: string): string => `window/${safeName(instance)}/${requestId}`,
  backups: (instance: string, requestId: string): string => `backups/${safeName(instance)}/${requestId}`,
  retention: (instance: string): string => `retention/${safeName(instance)}`,
  retentionPlan: (instance: string, requestId: string): string => `retention-plan/${safeName(instance)}/${requestId}`,
  holds: (instance: string, requestId: string): string => `holds/${safeName(instance)}/${requestId}`,
  verify: (instance: string): string => `verify/${safeName(instance)}`,
  import: (instance: string, requestId: string): string => `import/${safeName(instance)}/${requestId}`,
  restore: (target: string, requestId: string): string => `restore/${safeName(target)}/${requestId}`,
};
