import { hostname } from 'node:os';
import type { DoctorActivities } from '../../workflows/contracts.ts';
import { areOnCluster } from '../../workflows/domain/settings.ts';
import { now, type ActivityDeps } from '../deps.ts';
import { checkPlatform } from './check-platform.ts';
import { checkServer } from './check-server.ts';
import { checkStore } from './check-store.ts';

/** What `mssql-pitr doctor` asks a worker. */
export function createDoctorActivities(deps: ActivityDeps): DoctorActivities {
  return {
    checkServer: checkServer(deps),
    checkStore: checkStore(deps),
    checkPlatform: checkPlatform(deps),
    describeWorker: async () => ({
      now: new Date(now(deps)).toISOString(),
      version: deps.version ?? 'unknown',
      node: process.version,
      host: hostname(),
      platform: areOnCluster(deps.settings) ? 'kubernetes' : 'local',
    }),
  };
}
