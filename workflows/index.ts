/** Every export is a workflow type: its name is what people start and what running histories know. */
export { applyRetention } from './apply-retention.ts';
export { backupInstance } from './backup-instance.ts';
export { changeHolds } from './change-holds.ts';
export { importBackups } from './import-backups.ts';
export { listBackups } from './list-backups.ts';
export { checkInstance } from './check-instance.ts';
export { restoreToPointInTime } from './restore-to-point-in-time.ts';
export { restorableWindow } from './restorable-window.ts';
export { runtimeE2E } from './runtime-e2e.ts';
export { verifyStore } from './verify-store.ts';
