import type { Finding } from '../domain/finding.ts';

/** Looks at what runs will need, changes nothing, and reports instead of failing. */
export interface DoctorActivities {
  /** Can SQL Server be reached and logged in to, and may the login do what docs/grants.sql grants? */
  checkServer(input: { readonly instance: string }): Promise<readonly Finding[]>;
  /** Can the executor write the store and the instance's volume, and how much space is there? */
  checkStore(input: { readonly instance: string }): Promise<readonly Finding[]>;
  /** May the worker do what it will ask the platform for? */
  checkPlatform(input: { readonly instance: string }): Promise<readonly Finding[]>;
  /** The worker's own clock and version. */
  describeWorker(): Promise<WorkerDescription>;
}

export interface WorkerDescription {
  readonly now: string;
  readonly version: string;
  readonly node: string;
  readonly host: string;
  readonly platform: 'local' | 'kubernetes';
}
