let watched = false;

/**
 * Ends this process, and with it what it started, when its parent has gone: a runner that is told to stop does not tell
 * its tests, whose cluster goes with it.
 */
export function endWithRunner(): void {
  if (watched) return;
  watched = true;
  const { ppid } = process;
  setInterval(() => {
    if (process.ppid !== ppid) process.exit(1);
  }, 500).unref();
}
