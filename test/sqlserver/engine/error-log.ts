import { appendFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../contracts.ts';
import { errorLogStamp, momentNow } from './moment.ts';

const KEPT = 6;

/** `log/errorlog`: every start begins a new one and shifts the older ones. */
export class ErrorLog {
  readonly #path: string;
  readonly #clock: Clock;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    mkdirSync(dirname(path), { recursive: true });
    for (let n = KEPT - 1; n >= 0; n -= 1) {
      const from = n === 0 ? path : `${path}.${n}`;
      if (existsSync(from)) renameSync(from, `${path}.${n + 1}`);
    }
  }

  write(source: string, text: string): void {
    const stamp = errorLogStamp(momentNow(this.#clock));
    appendFileSync(this.#path, `${stamp} ${source.padEnd(11)} ${text}\n`);
  }
}
