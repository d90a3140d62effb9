import type { ImportActivities } from '../../workflows/contracts.ts';
import type { ActivityDeps } from '../deps.ts';
import { importSlice } from './import-slice.ts';
import { planImport } from './plan-import.ts';

/** Activities that take in backups which other tools made. */
export function createImportActivities(deps: ActivityDeps): ImportActivities {
  return {
    planImport: (input) => planImport(deps, input),
    importSlice: (input) => importSlice(deps, input),
  };
}
