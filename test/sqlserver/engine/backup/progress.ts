import type { StatementContext } from '../../contracts.ts';
import { info } from '../messages.ts';

const PAGE = 8192;

export function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE);
}

/** STATS = n and sys.dm_exec_requests.percent_complete. */
export class Progress {
  readonly #context: StatementContext;
  readonly #step: number | undefined;
  readonly #total: number;
  #done = 0;
  #told = 0;

  constructor(context: StatementContext, step: number | undefined, totalBytes: number) {
    this.#context = context;
    this.#step = step;
    this.#total = Math.max(1, totalBytes);
  }

  get percent(): number {
    return Math.min(100, (this.#done / this.#total) * 100);
  }

  add(bytes: number): void {
    this.#done += bytes;
    this.#tell(Math.min(99, this.percent));
  }

  finish(): void {
    this.#done = this.#total;
    this.#tell(100);
  }

  #tell(percent: number): void {
    this.#context.progress(percent);
    if (this.#step === undefined) return;
    const reached = Math.floor(percent);
    if (reached < this.#told + this.#step && !(percent === 100 && this.#told < 100)) return;
    this.#told = reached - (reached % this.#step);
    if (percent === 100) this.#told = 100;
    this.#context.info(info(3211, `${reached} percent processed.`));
  }
}

export interface Processed {
  readonly logicalName: string;
  readonly pages: number;
}

/** The 4035 lines and the 3014 that end a BACKUP or a RESTORE. */
export function sayProcessed(
  context: StatementContext,
  options: {
    readonly what: string;
    readonly database: string;
    readonly position: number;
    readonly files: readonly Processed[];
    readonly elapsedMs: number;
  },
): string {
  for (const file of options.files) {
    const text = `Processed ${file.pages} pages for database '${options.database}', file '${file.logicalName}' on file ${options.position}.`;
    context.info(info(4035, text));
  }
  const pages = options.files.reduce((sum, f) => sum + f.pages, 0);
  const done = doneText(options.what, pages, options.elapsedMs);
  context.info(info(3014, done));
  return done;
}

export function doneText(what: string, pages: number, elapsedMs: number): string {
  const ms = Math.max(1, Math.round(elapsedMs));
  const rate = Math.round(((pages * PAGE) / (1 << 20) / (ms / 1000)) * 1000);
  const decimal = (thousandths: number) =>
    `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`;
  return `${what} successfully processed ${pages} pages in ${decimal(ms)} seconds (${decimal(rate)} MB/sec).`;
}
