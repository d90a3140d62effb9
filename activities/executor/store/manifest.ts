import { z } from 'zod';
import type { BackupSet } from '../../../workflows/domain/backup-set.ts';
import { parseLsn } from '../../../workflows/domain/lsn.ts';
import { isStoreFileName } from './layout.ts';

const lsn = z
  .string()
  .regex(/^\d{1,25}$/, 'is not a log sequence number')
  .transform(parseLsn);
const guid = z
  .string()
  .regex(/^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/, 'is not a GUID')
  .transform((text) => text.toUpperCase());
const time = z.iso.datetime();
const bytes = z.int().nonnegative();
const text = z.string().min(1);

export const manifest = z.object({
  formatVersion: z.literal(1),
  id: guid,
  instance: text,
  serverName: text,
  database: text.max(128),
  kind: z.enum(['full', 'differential', 'log']),
  copyOnly: z.boolean(),
  name: z.string(),
  position: z.int().positive(),
  files: z
    .array(
      z.object({
        name: z.string().refine(isStoreFileName, 'is not the name of a file in the store'),
        sizeBytes: bytes,
        sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256'),
      }),
    )
    .min(1),
  firstLsn: lsn,
  lastLsn: lsn,
  checkpointLsn: lsn,
  databaseBackupLsn: lsn,
  differentialBaseLsn: lsn.nullable(),
  differentialBaseId: guid.nullable(),
  familyId: guid,
  firstRecoveryForkId: guid,
  recoveryForkId: guid,
  forkPointLsn: lsn.nullable(),
  startedAt: time,
  finishedAt: time,
  lastValidRestoreTime: time.nullable(),
  utcOffsetMinutes: z
    .int()
    .min(-14 * 60)
    .max(14 * 60),
  recoveryModel: z.enum(['FULL', 'BULK_LOGGED', 'SIMPLE']),
  hasBulkLoggedData: z.boolean(),
  beginsLogChain: z.boolean(),
  hasChecksums: z.boolean(),
  isDamaged: z.boolean(),
  backupSizeBytes: bytes,
  databaseFiles: z.array(
    z.object({
      fileId: z.int().nonnegative(),
      logicalName: text,
      type: z.enum(['D', 'L', 'F', 'S']),
      physicalName: text,
      sizeBytes: bytes,
    }),
  ),
  softwareMajorVersion: z.int().positive(),
  takenBy: z.object({ workflowId: z.string(), runId: z.string() }).nullable(),
  committedAt: time,
}) satisfies z.ZodType<BackupSet>;

/** What a manifest's text says, or why it is not one. */
export function parseManifest(json: string): { readonly set: BackupSet } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { problem: 'is not JSON' };
  }
  const found = manifest.safeParse(value);
  return found.success ? { set: found.data } : { problem: issuesOf(found.error) };
}

function issuesOf(error: z.ZodError): string {
  const shown = error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`);
  const more = error.issues.length - shown.length;
  return `is not a manifest of this version (${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''})`;
}

export function manifestText(set: BackupSet): string {
  return `${JSON.stringify(set, null, 2)}\n`;
}
