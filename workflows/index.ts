/** Every export is a workflow type: its name is what people start and what running histories know. */
export { backupInstance } from './backup-instance.ts';
export { restoreToPointInTime } from './restore-to-point-in-time.ts';
export { runtimeE2E } from './runtime-e2e.ts';
