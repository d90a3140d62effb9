import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';

/** What the figures depend on. The load says how much else was going on: on a busy machine they are upper bounds. */
export function machineLines(): readonly string[] {
  const [, source, fileSystem, free] =
    /\n(\S+) +(\S+) +(\d+)/.exec(
      execFileSync('df', ['--output=source,fstype,avail', '-B1', tmpdir()], { encoding: 'utf8' }),
    ) ?? [];
  return [
    `cores    ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}`,
    `memory   ${(totalmem() / 1e9).toFixed(1)} GB`,
    `kernel   ${type()} ${release()}`,
    `node     ${process.version}`,
    `disk     ${tmpdir()} on ${fileSystem ?? 'unknown'} (${source ?? 'unknown'}), ${(Number(free) / 1e9).toFixed(0)} GB free`,
    `load     ${loadText()}`,
  ];
}

export function loadText(): string {
  const [one = 0, five = 0] = loadavg();
  return `${one.toFixed(1)} in the last minute, ${five.toFixed(1)} in the last five`;
}
