/** What one check found. `fix` says what to do, ready to be done; only what is right needs none. */
export type Finding =
  | { readonly check: string; readonly level: 'ok'; readonly what: string }
  | { readonly check: string; readonly level: 'warn' | 'fail'; readonly what: string; readonly fix: string };

export function ok(check: string, what: string): Finding {
  return { check, level: 'ok', what };
}

export function warn(check: string, what: string, fix: string): Finding {
  return { check, level: 'warn', what, fix };
}

export function fail(check: string, what: string, fix: string): Finding {
  return { check, level: 'fail', what, fix };
}

/** Further apart, and a target time or an exposure means something else on one side than on the other. */
const toleratedSkewMs = 2_000;
const wrongSkewMs = 60_000;

/**
 * Compares a clock with ours. It was read between two moments of ours, so only what lies outside of them is skew.
 * @param of whose clock, such as `SQL Server's clock`
 */
export function clockFinding(
  check: string,
  of: string,
  readMs: number,
  [beforeMs, afterMs]: readonly [number, number],
): Finding {
  const skewMs = readMs < beforeMs ? readMs - beforeMs : readMs > afterMs ? readMs - afterMs : 0;
  const size = Math.abs(skewMs);
  if (size <= toleratedSkewMs)
    return ok(check, `${of} agrees, to ${(Math.max(size, afterMs - beforeMs) / 1000).toFixed(1)} s`);
  const what = `${of} is ${(size / 1000).toFixed(1)} s ${skewMs < 0 ? 'behind' : 'ahead'}`;
  const fix =
    'Run a time service (chrony, systemd-timesyncd) on both hosts: target times and exposure are compared across them.';
  return size > wrongSkewMs ? fail(check, what, fix) : warn(check, what, fix);
}
