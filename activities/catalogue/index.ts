import type { CatalogueActivities } from '../../workflows/contracts.ts';
import type { ActivityDeps } from '../deps.ts';
import { readBackups } from './read-backups.ts';
import { readWindow } from './read-window.ts';

/** Activities that show what the store holds, and look after it. */
export function createCatalogueActivities(deps: ActivityDeps): CatalogueActivities {
  return {
    readWindow: (input) => readWindow(deps, input),
    readBackups: (input) => readBackups(deps, input),
  };
}
