import type { SqlServerControl } from './sqlserver-control.ts';

/** A place in the simulated server at which a statement stands still until it is told to go on. */
export interface Hold {
  /** Resolves when a statement stands there. */
  reached(): Promise<void>;
  release(): Promise<void>;
}

export interface HoldRequest {
  readonly at:
    | 'backup-log'
    | 'backup-database'
    | 'restore-database'
    | 'restore-log'
    | 'before-history'
    | 'after-history'
    | 'recover';
  readonly database?: string;
  readonly atPercent?: number;
}

export async function hold(control: SqlServerControl, request: HoldRequest): Promise<Hold> {
  const { id } = (await control.request('POST', '/holds', request)) as { id: string };
  return {
    reached: async () => void (await control.request('GET', `/holds/${id}/reached`)),
    release: async () => void (await control.request('DELETE', `/holds/${id}`)),
  };
}
