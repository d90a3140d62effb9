import { writeFileSync } from 'node:fs';
import type { EngineInstance } from '../instance.ts';
import { osErrorText, osText, sqlError } from '../messages.ts';

/**
 * The undo file of RESTORE … WITH STANDBY. A real one holds the pages of transactions that were open at the redo point;
 * this log holds committed transactions only, so there is never anything to undo.
 */
export function writeStandbyFile(instance: EngineInstance, path: string): void {
  const normal = instance.paths.normalize(path);
  const problem = instance.paths.createProblem(normal);
  const real = instance.paths.real(normal);
  if (problem !== undefined || real === undefined) throw cannotCreate(path, osText.denied);
  if (instance.isDatabaseFile(real)) throw sqlError(3170, 'The STANDBY filename is invalid.');
  try {
    writeFileSync(real, 'SIMUNDO1\n');
    instance.paths.adopt(real);
  } catch (error) {
    throw cannotCreate(path, osErrorText(error));
  }
}

const cannotCreate = (path: string, os: string) =>
  sqlError(
    5123,
    `CREATE FILE encountered operating system error ${os} while attempting to open or create the physical file '${path}'.`,
  );
