import { clearScreenDown, moveCursor } from 'node:readline';

/** Where a command writes: results to stdout, everything else to stderr, so that results can be piped. */
export interface Screen {
  readonly json: boolean;
  readonly width: number;
  /** Can lines be drawn over? */
  readonly live: boolean;
  /** A part of the result for people; nothing with `--json`. */
  print(text: string): void;
  /** The result for programs; nothing without `--json`. */
  data(value: unknown): void;
  note(text: string): void;
  /** Draws over what was drawn before. */
  draw(lines: readonly string[]): void;
  /** Leaves what was drawn where it is. */
  keep(): void;
}

export function openScreen(json: boolean): Screen {
  const { stdout, stderr } = process;
  let drawn = 0;
  const erase = (): void => {
    if (drawn === 0) return;
    moveCursor(stderr, 0, -drawn);
    clearScreenDown(stderr);
    drawn = 0;
  };
  return {
    json,
    width: Math.max(40, stdout.columns || stderr.columns || Number(process.env['COLUMNS']) || 100),
    live: stderr.isTTY && process.env['TERM'] !== 'dumb',
    print(text) {
      if (json) return;
      erase();
      stdout.write(`${text}\n`);
    },
    data(value) {
      if (json) stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    note(text) {
      erase();
      stderr.write(`${text}\n`);
    },
    draw(lines) {
      erase();
      if (lines.length === 0) return;
      stderr.write(`${lines.join('\n')}\n`);
      drawn = lines.length;
    },
    keep() {
      drawn = 0;
    },
  };
}
