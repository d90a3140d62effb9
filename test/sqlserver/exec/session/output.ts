import type { EnvChange, ResultColumn, ResultSink, SqlMessage, SqlValue } from '../../contracts.ts';

/** How a statement ended; see {@link Output.complete}. */
export interface Completion {
  readonly curCmd: number;
  readonly rowCount?: number;
  readonly failed?: boolean;
  /** The statement sent columns: its end always shows, even under NOCOUNT. */
  readonly resultSet?: boolean;
}

/** Where the results of a batch or module go. */
export interface Output {
  columns(columns: readonly ResultColumn[]): void;
  row(values: readonly SqlValue[]): void;
  ready(): Promise<void>;
  message(message: SqlMessage): void;
  env(change: EnvChange): void;
  complete(completion: Completion): void;
  /** The request ends with this statement: a remote procedure call says so by its DONEPROC alone. */
  abort(completion: Completion): void;
  /** End of EXEC procedure within a batch: RETURNSTATUS and the DONEPROC behind it. */
  procedureEnd(status: number, failed: boolean): void;
  flush(): void;
  /** The same place, seen from inside of a procedure. */
  inner(): Output;
}

export interface ClientOutputOptions {
  readonly sink: ResultSink;
  readonly noCount: () => boolean;
  /** Inside a remote procedure call or EXEC: NOCOUNT suppresses ends of statements, not only their counts. */
  readonly inProcedure: boolean;
  /** The request is a remote procedure call. */
  readonly rpc: boolean;
}

/** Results on their way to the client. */
export class ClientOutput implements Output {
  readonly #options: ClientOutputOptions;

  constructor(options: ClientOutputOptions) {
    this.#options = options;
  }

  inner(): ClientOutput {
    return new ClientOutput({ ...this.#options, inProcedure: true });
  }

  columns(columns: readonly ResultColumn[]): void {
    this.#options.sink.columns(columns);
  }

  row(values: readonly SqlValue[]): void {
    this.#options.sink.row(values);
  }

  ready(): Promise<void> {
    return this.#options.sink.ready();
  }

  message(message: SqlMessage): void {
    // Severity 10 of sys.messages travels as class 0.
    this.#options.sink.message(message.class === 10 ? { ...message, class: 0 } : message);
  }

  env(change: EnvChange): void {
    this.#options.sink.env(change);
  }

  complete({ curCmd, rowCount, failed, resultSet }: Completion): void {
    const { sink, noCount, inProcedure } = this.#options;
    const quiet = noCount();
    if (quiet && inProcedure && failed !== true && resultSet !== true) return;
    const counted = rowCount !== undefined && !quiet;
    sink.done({ curCmd, ...(counted ? { rowCount } : {}), ...(failed === true ? { failed } : {}) });
  }

  abort(completion: Completion): void {
    if (!this.#options.rpc) this.complete(completion);
  }

  procedureEnd(status: number, failed: boolean): void {
    this.#options.sink.returnStatus(status);
    this.#options.sink.done({ curCmd: 224, ...(failed ? { failed } : {}) });
  }

  flush(): void {
    this.#options.sink.flush();
  }
}

/** INSERT … EXEC: rows are collected, messages still reach the client, nothing else does. */
export class CapturingOutput implements Output {
  readonly columnSets: (readonly ResultColumn[])[] = [];
  readonly rows: (readonly SqlValue[])[] = [];
  readonly #outer: Output;
  readonly #check: (columns: readonly ResultColumn[]) => void;

  constructor(outer: Output, check: (columns: readonly ResultColumn[]) => void) {
    this.#outer = outer;
    this.#check = check;
  }

  columns(columns: readonly ResultColumn[]): void {
    this.#check(columns);
    this.columnSets.push(columns);
  }

  row(values: readonly SqlValue[]): void {
    this.rows.push(values);
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  message(message: SqlMessage): void {
    this.#outer.message(message);
  }

  env(change: EnvChange): void {
    this.#outer.env(change);
  }

  complete(): void {
    // Only the INSERT itself ends for the client.
  }

  abort(completion: Completion): void {
    this.#outer.abort(completion);
  }

  procedureEnd(): void {
    // As above.
  }

  flush(): void {
    this.#outer.flush();
  }

  inner(): CapturingOutput {
    return this;
  }
}
