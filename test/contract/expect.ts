import assert from 'node:assert/strict';
import { show, type Outcome, type Said } from './client.ts';

/** What a server must say. `%d` stands for digits, `%f` for a decimal number with three places, `%s` for anything. */
export interface Expected {
  readonly number: number;
  readonly severity: number;
  /** Absent where no observation tells it. */
  readonly state?: number;
  readonly text: string;
}

/** Every informational message of BACKUP and RESTORE travels with class 0, although sys.messages says 10. */
export const info = (number: number, text: string): Expected => ({ number, severity: 0, state: 1, text });

export const error = (number: number, state: number | undefined, text: string, severity = 16): Expected => ({
  number,
  severity,
  text,
  ...(state === undefined ? {} : { state }),
});

const patterns: Readonly<Record<string, string>> = { '%d': '\\d+', '%f': '\\d+\\.\\d{3}', '%s': '.*' };

function patternOf(template: string): RegExp {
  const source = template
    .split(/(%[dfs])/)
    .map((part) => patterns[part] ?? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('');
  return new RegExp(`^${source}$`, 's');
}

function fits(said: Said | undefined, expected: Expected): boolean {
  return (
    said !== undefined &&
    said.number === expected.number &&
    said.severity === expected.severity &&
    (expected.state === undefined || said.state === expected.state) &&
    patternOf(expected.text).test(said.text)
  );
}

const shown = ({ number, severity, state, text }: Expected): string =>
  `Msg ${number}, Level ${severity}, State ${state ?? 'any'}: ${text}`;

/** Everything that was said, in its order and nothing else. */
export function assertSaid(said: readonly Said[], expected: readonly Expected[]): void {
  const same = said.length === expected.length && expected.every((one, i) => fits(said[i], one));
  if (same) return;
  assert.fail(`expected:\n  ${expected.map(shown).join('\n  ')}\nsaid:\n  ${said.map(show).join('\n  ')}`);
}

/** The statement failed with these errors; the driver keeps all of them, but forgets a state of 0. */
export function assertFailed(outcome: Outcome, ...expected: readonly Expected[]): void {
  assertSaid(outcome.said, expected);
  const stateless = expected.map(({ number, severity, text }) => ({ number, severity, text }));
  assertSaid(outcome.errors, stateless);
}

export const withoutProgress = (said: readonly Said[]): readonly Said[] => said.filter(({ number }) => number !== 3211);
