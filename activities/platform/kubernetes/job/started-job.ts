import type { Job } from '../api/resources.ts';
import { labels } from '../labels.ts';

/** A Job that was made or found. */
export interface StartedJob {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Label of its pods. */
  readonly start: string;
  /** An earlier attempt made it. */
  readonly found: boolean;
}

export function startedJob({ metadata }: Job, found: boolean): StartedJob {
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    start: metadata?.labels?.[labels.start] ?? '',
    found,
  };
}
