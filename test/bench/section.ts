/** One budget against what was measured. */
export interface Measured {
  readonly what: string;
  readonly value: number;
  readonly unit: '×' | 'ms' | 'events' | 'MB';
  /** The largest value that keeps the budget. */
  readonly bound: number;
}

export interface Report {
  measured(line: Measured): void;
  /** What lies behind a figure, or is good to know beside it. */
  note(text: string): void;
}

export interface Sizes {
  /** Alternating runs of which the median counts. */
  readonly runs: number;
  /** One file that is copied. */
  readonly copyMegabytes: number;
  /** One full backup as it lies in the store, in the end-to-end comparison. */
  readonly restoreMegabytes: number;
  /** A week, one a minute. */
  readonly plannedLogs: number;
  /** In the run whose memory is watched. */
  readonly databases: number;
}

export interface Section {
  readonly name: string;
  readonly title: string;
  run(report: Report, sizes: Sizes): Promise<void>;
}
