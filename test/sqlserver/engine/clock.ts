import type { Clock } from '../contracts.ts';

const OFFSET_BUCKET_MS = 900_000;
/** Beyond this the host's clock was set, not slewed, and a server follows it. */
const STEP_MS = 50;

/** Wall clock with a fraction of a millisecond, in one time zone, that can be skewed from outside. */
export class InstanceClock implements Clock {
  skewMs = 0;
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();
  #anchor = performance.timeOrigin;

  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  now(): number {
    const wall = Date.now();
    const fine = this.#anchor + performance.now();
    if (Math.abs(wall - fine) <= STEP_MS) return fine + this.skewMs;
    this.#anchor += wall - fine;
    return wall + this.skewMs;
  }

  offsetMinutes(epochMs: number): number {
    const bucket = Math.floor(epochMs / OFFSET_BUCKET_MS);
    const known = this.#offsets.get(bucket);
    if (known !== undefined) return known;
    const start = bucket * OFFSET_BUCKET_MS;
    const part = new Map(this.#format.formatToParts(start).map((p) => [p.type, Number(p.value)]));
    const field = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? 0;
    const local = Date.UTC(
      field('year'),
      field('month') - 1,
      field('day'),
      field('hour'),
      field('minute'),
      field('second'),
    );
    const offset = Math.round((local - start) / 60_000);
    if (this.#offsets.size > 1000) this.#offsets.clear();
    this.#offsets.set(bucket, offset);
    return offset;
  }
}
