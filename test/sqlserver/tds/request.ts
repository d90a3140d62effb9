import { SqlError } from '../contracts.ts';
import type { RpcCall, Session } from '../contracts.ts';
import { Answer } from './answer.ts';
import type { AnswerOptions } from './answer.ts';
import { ByteReader } from './bytes.ts';
import { skipAllHeaders } from './headers.ts';
import { PacketStatus, PacketType } from './packet.ts';
import type { Message } from './packet.ts';
import { readRpcCalls } from './rpc.ts';
import { DoneStatus, NO_COMMAND, Token, writeDone, writeEnvChange, writeResetEnv } from './tokens.ts';
import { readTransactionRequest } from './transaction-request.ts';
import { Unsupported } from './unsupported.ts';

export interface RequestOptions extends Omit<AnswerOptions, 'call'> {
  readonly request: Message;
  readonly session: Session;
  readonly log: (line: string) => void;
}

/** From this class on the server ends the connection (Database Engine error severities). */
const FATAL_CLASS = 20;

const MAX_TEXT = 2000;

type Outcome = 'open' | 'close';

/** Runs one request to the end of its answer; the caller ends the message. */
export async function answerRequest(options: RequestOptions): Promise<Outcome> {
  const { request, message } = options;
  if ((request.lastStatus & PacketStatus.ignore) !== 0) {
    // MS-TDS 2.2.1.7: a request that its client gave up while sending is answered by one DONE.
    writeDone(message.bytes, { token: Token.done, status: DoneStatus.error, curCmd: NO_COMMAND, rowCount: 0 });
    return 'open';
  }
  return request.type === PacketType.rpc ? answerCalls(options) : answerOne(options);
}

async function answerOne(options: RequestOptions): Promise<Outcome> {
  const answer = new Answer(options);
  try {
    await reset(options);
    await start(options, answer);
    answer.finish({ cancelled: false });
    return 'open';
  } catch (error) {
    return fail(options, answer, error);
  }
}

async function start({ request, session, signal }: RequestOptions, answer: Answer): Promise<void> {
  signal.throwIfAborted();
  switch (request.type) {
    case PacketType.batch:
      return session.batch(decode(request.payload, readBatch), answer, signal);
    case PacketType.transactionManager:
      return session.transaction(decode(request.payload, readTransactionRequest), answer, signal);
    case PacketType.bulkLoad:
      throw new Unsupported('Bulk load is not supported by this server.');
    default:
      throw new SqlError({
        number: 4002,
        class: FATAL_CLASS,
        state: 1,
        text: `The request type ${request.type} is unknown.`,
      });
  }
}

async function answerCalls(options: RequestOptions): Promise<Outcome> {
  const { request, session, signal } = options;
  let calls: readonly RpcCall[];
  try {
    await reset(options);
    calls = decode(request.payload, readRpcCalls);
  } catch (error) {
    return fail(options, new Answer(options), error);
  }
  for (const [index, call] of calls.entries()) {
    const answer = new Answer({ ...options, call });
    const more = (): boolean => index < calls.length - 1 && !signal.aborted;
    try {
      signal.throwIfAborted();
      await session.rpc(call, answer, signal);
      answer.finish({ cancelled: false, more: more() });
    } catch (error) {
      if (fail(options, answer, error, more()) === 'close') return 'close';
    }
    if (signal.aborted) break;
  }
  return 'open';
}

/** Ends the answer of a request that threw. */
function fail(options: RequestOptions, answer: Answer, error: unknown, more = false): Outcome {
  const { signal, log } = options;
  if (signal.aborted && isInterruption(error, signal)) {
    answer.finish({ cancelled: true });
    return 'open';
  }
  if (error instanceof SqlError) {
    const fatal = error.messages.some((each) => each.class >= FATAL_CLASS);
    answer.finish({ cancelled: false, messages: error.messages, more: more && !fatal });
    return fatal ? 'close' : 'open';
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  log(`A request failed within the simulated server: ${stack ?? message}`);
  const text = `A severe error occurred within the simulated server: ${message}`.slice(0, MAX_TEXT);
  answer.finish({ cancelled: false, messages: [{ number: 50000, class: FATAL_CLASS, state: 1, text }] });
  return 'close';
}

function isInterruption(error: unknown, signal: AbortSignal): boolean {
  return (
    error === signal.reason || error instanceof SqlError || (error instanceof Error && error.name === 'AbortError')
  );
}

async function reset({ request, session, message }: RequestOptions): Promise<void> {
  if ((request.firstStatus & PacketStatus.resetKeepTransaction) !== 0) {
    throw new Unsupported(
      'A reset that keeps the transaction (RESETCONNECTIONSKIPTRAN) is not supported by this server.',
    );
  }
  if ((request.firstStatus & PacketStatus.reset) === 0) return;
  const previous = session.database;
  await session.reset();
  writeResetEnv(message.bytes);
  if (session.database !== previous)
    writeEnvChange(message.bytes, { kind: 'database', next: session.database, previous });
}

function readBatch(payload: Buffer): string {
  const reader = new ByteReader(payload);
  skipAllHeaders(reader);
  return reader.bytes(reader.remaining).toString('utf16le');
}

/** sys.messages 4002. */
function decode<T>(payload: Buffer, read: (payload: Buffer) => T): T {
  try {
    return read(payload);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const text = 'The incoming tabular data stream (TDS) protocol stream is incorrect. The stream ended unexpectedly.';
    throw new SqlError({ number: 4002, class: FATAL_CLASS, state: 1, text });
  }
}
