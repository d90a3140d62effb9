import type {
  Activities,
  CatalogueActivities,
  RehearsalActivities,
  RetentionActivities,
} from '../workflows/contracts.ts';
import { backUpDatabases } from './backup/back-up.ts';
import { closeBackupRun } from './backup/close-run.ts';
import { commitStaged } from './backup/commit.ts';
import { inspectInstance } from './backup/inspect.ts';
import { openBackupRun } from './backup/open-run.ts';
import { recordRun } from './backup/record-run.ts';
import { createCatalogueActivities } from './catalogue/index.ts';
import { createVerifyActivities } from './catalogue/verify.ts';
import type { ActivityDeps } from './deps.ts';
import { createDoctorActivities } from './doctor/index.ts';
import { createImportActivities } from './import/index.ts';
import { createRehearsalActivities } from './rehearsal/index.ts';
import { createRetentionActivities } from './retention/index.ts';
import { writeCertificate } from './restore/certificate.ts';
import { cleanStaging } from './restore/clean-staging.ts';
import { discardRestore } from './restore/discard.ts';
import { planRestore } from './restore/plan.ts';
import { prepareTarget } from './restore/prepare-target.ts';
import { recoverDatabase } from './restore/recover.ts';
import { restoreSteps } from './restore/steps.ts';
import { verifyDatabase } from './restore/verify.ts';

export type { ActivityDeps } from './deps.ts';

/** Everything that workflows call. */
export function createActivities(deps: ActivityDeps) {
  return {
    openBackupRun: openBackupRun(deps),
    commitStaged: commitStaged(deps),
    inspectInstance: inspectInstance(deps),
    backUpDatabases: backUpDatabases(deps),
    recordRun: recordRun(deps),
    closeBackupRun: closeBackupRun(deps),
    planRestore: planRestore(deps),
    prepareTarget: prepareTarget(deps),
    restoreSteps: restoreSteps(deps),
    recoverDatabase: recoverDatabase(deps),
    verifyDatabase: verifyDatabase(deps),
    writeCertificate: writeCertificate(deps),
    cleanStaging: cleanStaging(deps),
    discardRestore: discardRestore(deps),
    ...createCatalogueActivities(deps),
    ...createVerifyActivities(deps),
    ...createImportActivities(deps),
    ...createDoctorActivities(deps),
    ...createRehearsalActivities(deps),
    ...createRetentionActivities(deps),
  } satisfies Activities & CatalogueActivities & RehearsalActivities & RetentionActivities;
}
