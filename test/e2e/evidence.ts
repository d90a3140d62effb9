import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { RehearsalResult } from '../../workflows/runtime-e2e.ts';
import type { Services } from '../support/services.ts';

/** Brings the evidence from the store beside the run's other files. */
export async function collectEvidence(stack: Services, result: RehearsalResult, folder: string): Promise<string> {
  const evidence = join(folder, 'evidence');
  await cp(join(stack.storePath, result.evidence), evidence, { recursive: true });
  return evidence;
}
