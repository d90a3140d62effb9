import type { ImportActivities, ImportOutcome, SkippedBackup } from '../../workflows/contracts.ts';
import { verifyStatement } from '../../workflows/domain/commands.ts';
import { taskControl, withServer, type ActivityDeps } from '../deps.ts';
import { failureType } from '../failure.ts';
import { stopIfCancelled, withHeartbeat } from '../heartbeat.ts';
import { mapSqlError } from '../sql-server/map-error.ts';
import { onServer } from '../sql-server/paths.ts';

/** A header says what a backup is, not whether all of it is there: SQL Server reads each set to its end before it is copied. */
export function importSlice(
  deps: ActivityDeps,
  { instance, importId, ...slice }: Parameters<ImportActivities['importSlice']>[0],
): Promise<ImportOutcome> {
  return withHeartbeat(async (pulse) => {
    const control = taskControl(pulse);
    const { sets } = await deps.platform.runOnStore(instance, 'readImport', slice, control);
    const failed: SkippedBackup[] = [];
    const without: number[] = [];
    await withServer(deps, instance, { session: importId }, async (server) => {
      for (const [i, { sources, set }] of sets.entries()) {
        stopIfCancelled(pulse.signal);
        const { position, database, hasChecksums } = set;
        pulse.report({ verifying: sources[0], done: i, of: sets.length });
        try {
          const files = sources.map(onServer);
          await server.statement(verifyStatement({ files, position, checksum: hasChecksums }), {
            signal: pulse.signal,
          });
        } catch (error) {
          stopIfCancelled(pulse.signal);
          const { type, text } = described(error);
          if (type === 'ServerUnavailable' || type === 'PermissionDenied') throw error;
          without.push(slice.from + i);
          failed.push({ file: sources[0] ?? '', position, database, reason: 'damaged', why: text });
        }
      }
    });
    const copied = await deps.platform.run(instance, 'importSets', { instance, ...slice, without }, control);
    return { ...copied, failed: [...failed, ...copied.failed] };
  });
}

/** Errors of statements are still raw; those of queries and logins are failures already. */
function described(error: unknown): { readonly type: string; readonly text: string } {
  const type = failureType(error);
  return type === null ? mapSqlError(error) : { type, text: (error as Error).message };
}
