import type { RehearsalActivities } from '../../workflows/contracts.ts';
import type { ActivityDeps } from '../deps.ts';
import { countPhases } from './count-phases.ts';
import { listLeftovers } from './list-leftovers.ts';
import { listStore } from './list-store.ts';
import { readServerClock } from './read-server-clock.ts';
import { writeEvidence } from './write-evidence.ts';
import { writePhase } from './write-phase.ts';

/** Activities of the runtime rehearsal: a workload and the evidence. Nothing of a backup or a restore is done here. */
export function createRehearsalActivities(deps: ActivityDeps): RehearsalActivities {
  return {
    writePhase: (input) => writePhase(deps, input),
    readServerClock: (input) => readServerClock(deps, input),
    countPhases: (input) => countPhases(deps, input),
    listStore: (input) => listStore(deps, input),
    listLeftovers: (input) => listLeftovers(deps, input),
    writeEvidence: (input) => writeEvidence(deps, input),
  };
}
