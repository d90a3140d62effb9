/**
 * The activities that workflows call: the port between orchestration and the world, a part a noun. Implemented in
 * activities/, whose factory is checked against {@link Activities}. Every type here is plain JSON and stays small: what
 * grows with the number of databases or logs lives in the store and is passed by reference.
 */
import type { BackupActivities } from './contracts/backup.ts';
import type { RestoreActivities } from './contracts/restore.ts';

export type * from './contracts/backup.ts';
export type * from './contracts/catalogue.ts';
export type * from './contracts/doctor.ts';
export type * from './contracts/import.ts';
export type * from './contracts/rehearsal.ts';
export type * from './contracts/restore.ts';
export type * from './contracts/retention.ts';
export type * from './contracts/run.ts';
export type * from './contracts/verify.ts';

export type Activities = BackupActivities & RestoreActivities;
