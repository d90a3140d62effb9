import type { EnvChange, ResultColumn, ResultSink, RpcCall, SqlMessage, SqlValue } from '../contracts.ts';
import type { MessageWriter } from './message-writer.ts';
import {
  DoneStatus,
  EXECUTE_COMMAND,
  NO_COMMAND,
  Token,
  isError,
  writeColumns,
  writeDone,
  writeEnvChange,
  writeMessage,
  writeReturnStatus,
  writeReturnValue,
} from './tokens.ts';
import type { Done } from './tokens.ts';
import type { WireType } from './types/wire-type.ts';

export interface AnswerOptions {
  readonly message: MessageWriter;
  readonly serverName: string;
  readonly signal: AbortSignal;
  /** Resolves when the connection takes more bytes. */
  readonly ready: () => Promise<void>;
  /** Set when the request is a remote procedure call. */
  readonly call?: RpcCall;
}

type ReturnValue = Parameters<ResultSink['returnValue']>[0];

/**
 * The tokens of one request. A DONE of a batch is held back until it is known whether something follows, since that is
 * its MORE bit. After the signal has fired only changes of the environment still leave: the client discards the rest.
 */
export class Answer implements ResultSink {
  readonly #options: AnswerOptions;
  #types: readonly WireType[] | undefined;
  #held: Done | undefined;
  /** The statement that was under way when the signal fired has ended all the same. */
  #lateEnd: Done | undefined;
  #openError = false;
  #open = false;
  #endsProcedure = false;
  #status: number | undefined;
  readonly #returnValues: ReturnValue[] = [];

  constructor(options: AnswerOptions) {
    this.#options = options;
  }

  get #bytes(): MessageWriter['bytes'] {
    return this.#options.message.bytes;
  }

  get #silent(): boolean {
    return this.#options.signal.aborted;
  }

  columns(columns: readonly ResultColumn[]): void {
    if (this.#silent) return;
    this.#release();
    this.#types = this.#whole(() => writeColumns(this.#bytes, columns));
    this.#pump();
  }

  row(values: readonly SqlValue[]): void {
    if (this.#silent) return;
    const types = this.#types;
    if (types === undefined || types.length !== values.length) {
      throw new Error(`A row of ${values.length} values follows metadata of ${types?.length ?? 'no'} columns.`);
    }
    this.#release();
    this.#whole(() => {
      this.#bytes.u8(Token.row);
      for (let i = 0; i < types.length; i++) types[i]?.value(this.#bytes, values[i] ?? null);
    });
    this.#pump();
  }

  async ready(): Promise<void> {
    await this.#options.ready();
  }

  message(message: SqlMessage): void {
    if (this.#silent) return;
    this.#release();
    if (isError(message)) this.#openError = true;
    writeMessage(this.#bytes, message, this.#options.serverName);
    this.#pump();
  }

  env(change: EnvChange): void {
    this.#release();
    writeEnvChange(this.#bytes, change);
    this.#pump();
  }

  done(end: { readonly curCmd: number; readonly rowCount?: number; readonly failed?: boolean }): void {
    const done: Done = {
      token: this.#doneToken(),
      status: (end.failed === true ? DoneStatus.error : 0) | (end.rowCount === undefined ? 0 : DoneStatus.count),
      curCmd: end.curCmd,
      rowCount: end.rowCount ?? 0,
    };
    if (this.#silent) {
      this.#lateEnd = done;
      return;
    }
    this.#release();
    this.#held = done;
    this.#types = undefined;
    this.#open = false;
    this.#openError = false;
  }

  returnStatus(status: number): void {
    if (this.#options.call !== undefined) {
      this.#status = status;
      return;
    }
    if (this.#silent) return;
    // EXECUTE within a batch: the DONE that follows ends the procedure.
    this.#release();
    writeReturnStatus(this.#bytes, status);
    this.#endsProcedure = true;
  }

  returnValue(parameter: ReturnValue): void {
    this.#returnValues.push(parameter);
  }

  flush(): void {
    this.#options.message.flush();
  }

  /** Ends the request's tokens; `more` says that another call of the same message answers next. */
  finish(end: {
    readonly cancelled: boolean;
    readonly messages?: readonly SqlMessage[];
    readonly more?: boolean;
  }): void {
    const messages = end.messages ?? [];
    for (const message of messages) {
      this.#release();
      writeMessage(this.#bytes, message, this.#options.serverName);
    }
    // A session that returns quietly in the middle of a statement was interrupted as much as one that throws.
    const cancelled =
      end.cancelled || (this.#silent && this.#lateEnd === undefined && (this.#open || this.#held === undefined));
    const failed = cancelled || messages.some(isError) || this.#openError;
    if (cancelled) this.#lateEnd = undefined;
    if (this.#options.call === undefined) this.#finishBatch(failed, messages.length > 0);
    else this.#finishCall(this.#options.call, { failed, cancelled, messages, more: end.more ?? false });
    this.#pump();
  }

  #finishBatch(failed: boolean, hasMessages: boolean): void {
    if (this.#lateEnd !== undefined) {
      this.#release();
      this.#held = this.#lateEnd;
    } else if (failed || hasMessages || this.#open || this.#held === undefined) {
      this.#release();
      this.#held = { token: Token.done, status: failed ? DoneStatus.error : 0, curCmd: NO_COMMAND, rowCount: 0 };
    }
    if (this.#held !== undefined) writeDone(this.#bytes, this.#held);
    this.#held = undefined;
  }

  /** RETURNSTATUS, RETURNVALUE …, DONEPROC. */
  #finishCall(
    call: RpcCall,
    end: {
      readonly failed: boolean;
      readonly cancelled: boolean;
      readonly messages: readonly SqlMessage[];
      readonly more: boolean;
    },
  ): void {
    const { failed, cancelled, messages, more } = end;
    this.#release();
    if (this.#lateEnd !== undefined) {
      this.#held = this.#lateEnd;
      this.#release();
    }
    // unknown: whether the return status of a cancelled call leaves; without it no client mistakes it for a result.
    if (!cancelled) writeReturnStatus(this.#bytes, this.#status ?? messages.find(isError)?.number ?? 0);
    if (!failed) this.#writeReturnValues(call);
    const status = (failed ? DoneStatus.error : 0) | (more ? DoneStatus.more : 0);
    writeDone(this.#bytes, { token: Token.doneProc, status, curCmd: EXECUTE_COMMAND, rowCount: 0 });
  }

  /** JDBC finds its output parameters by ordinal, tedious by name. */
  #writeReturnValues(call: RpcCall): void {
    const outputs = call.parameters.flatMap((parameter, ordinal) =>
      parameter.output ? [{ ...parameter, ordinal }] : [],
    );
    for (const [index, value] of this.#returnValues.entries()) {
      const named = outputs.find((output) => output.name.toLowerCase() === value.name.toLowerCase());
      this.#whole(() => writeReturnValue(this.#bytes, value, (named ?? outputs[index])?.ordinal ?? index));
    }
  }

  #doneToken(): number {
    if (this.#options.call !== undefined) return Token.doneInProc;
    const token = this.#endsProcedure ? Token.doneProc : Token.done;
    this.#endsProcedure = false;
    return token;
  }

  /** Something follows what was held back. */
  #release(): void {
    this.#open = true;
    if (this.#held === undefined) return;
    writeDone(this.#bytes, { ...this.#held, status: this.#held.status | DoneStatus.more });
    this.#held = undefined;
  }

  /** Takes a token back that failed half-way, so that the error which tells about it can still be read. */
  #whole<T>(write: () => T): T {
    const start = this.#bytes.length;
    try {
      return write();
    } catch (error) {
      this.#bytes.length = start;
      throw error;
    }
  }

  #pump(): void {
    this.#options.message.pump();
  }
}
