/** What the command line's exit code means; shown by `--help`. */
export const exitCodes = {
  ok: 0,
  /** The run failed, was cancelled or was terminated; or doctor or verify found something wrong. */
  failed: 1,
  /** Wrong usage, wrong input or a mistake in temporal.yaml: nothing was started. */
  wrongInput: 2,
  /** `schedules plan --check`: Temporal has other schedules than temporal.yaml declares. */
  drift: 2,
  temporalUnreachable: 3,
  /** Ctrl-C: the command stopped watching; the run goes on. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
