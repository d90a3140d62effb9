import type { PhaseCount } from '../domain/rehearsal.ts';

/** What only the runtime rehearsal (workflow runtimeE2E) needs: a workload, and evidence of what happened. */
export interface RehearsalActivities {
  /** Inserts one row with this phase into every database, making databases and table when absent; a second call adds nothing. */
  writePhase(input: PhaseInput): Promise<{ readonly lastCommitAt: string }>;
  /** The server's clock, UTC with milliseconds. */
  readServerClock(input: { readonly instance: string }): Promise<{ readonly now: string }>;
  countPhases(input: {
    readonly instance: string;
    readonly databases: readonly string[];
  }): Promise<readonly PhaseCount[]>;
  /** One line a file: size, hash, path below the store. */
  listStore(input: { readonly instance: string }): Promise<{ readonly text: string; readonly files: number }>;
  /** What is left on the instances' volumes: staging folders, staged files. */
  listLeftovers(input: {
    readonly instances: readonly string[];
  }): Promise<{ readonly text: string; readonly files: number }>;
  /** Puts text files into the run's evidence folder in the store and returns its path below the store. */
  writeEvidence(input: {
    readonly instance: string;
    readonly folder: string;
    readonly files: readonly EvidenceFile[];
  }): Promise<{ readonly path: string }>;
}

export interface PhaseInput {
  readonly instance: string;
  readonly databases: readonly string[];
  /** `seed`, `wave1`, `wave2` */
  readonly phase: string;
}

export interface EvidenceFile {
  readonly name: string;
  readonly text: string;
}
