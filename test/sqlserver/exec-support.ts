import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  EnvChange,
  Instance,
  LoginRequest,
  ResultColumn,
  ResultSink,
  RpcParameter,
  Session,
  SqlMessage,
  SqlType,
  SqlValue,
} from './contracts.ts';
import { openInstance } from './engine/instance.ts';
import { SessionManager } from './exec/session/manager.ts';
import { textOf } from './exec/types/convert-text.ts';

const PASSWORD = 'Str0ng-Passw0rd';

export interface ResultSet {
  readonly columns: readonly ResultColumn[];
  readonly rows: (readonly SqlValue[])[];
}

export interface Done {
  readonly curCmd: number;
  readonly rowCount?: number;
  readonly failed?: boolean;
}

/** What one request answered, as it would go over the wire. */
export class Answer implements ResultSink {
  readonly sets: ResultSet[] = [];
  readonly messages: SqlMessage[] = [];
  readonly dones: Done[] = [];
  readonly environment: EnvChange[] = [];
  readonly statuses: number[] = [];
  readonly values: { readonly name: string; readonly type: SqlType; readonly value: SqlValue }[] = [];
  /** Kinds of tokens in their order. */
  readonly order: string[] = [];

  columns(columns: readonly ResultColumn[]): void {
    this.order.push('columns');
    this.sets.push({ columns, rows: [] });
  }

  row(values: readonly SqlValue[]): void {
    this.sets.at(-1)?.rows.push(values);
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  message(message: SqlMessage): void {
    this.order.push(`message ${message.number}`);
    this.messages.push(message);
  }

  env(change: EnvChange): void {
    this.order.push(`env ${change.kind}`);
    this.environment.push(change);
  }

  done(end: Done): void {
    this.order.push(`done ${end.curCmd}`);
    this.dones.push(end);
  }

  returnStatus(status: number): void {
    this.order.push('status');
    this.statuses.push(status);
  }

  returnValue(value: Answer['values'][number]): void {
    this.values.push(value);
  }

  flush(): void {
    // Everything is here at once.
  }

  get errors(): readonly SqlMessage[] {
    return this.messages.filter((message) => message.class > 10);
  }

  get errorNumbers(): readonly number[] {
    return this.errors.map((message) => message.number);
  }

  /** Rows of the last result set as text, NULL as null. */
  get rows(): readonly (readonly (string | null)[])[] {
    const set = this.sets.at(-1);
    return (set?.rows ?? []).map((row) => row.map((value, i) => shown(value, set?.columns[i]?.type)));
  }
}

function shown(value: SqlValue, type: SqlType | undefined): string | null {
  if (value === null) return null;
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex').toUpperCase()}`;
  if (typeof value === 'object' && 'type' in value) return shown(value.value, value.type);
  return textOf(value, type ?? { name: 'nvarchar', length: -1 }, 'ticks' in Object(value) ? 121 : undefined);
}

export class Client {
  readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  async run(text: string, signal = new AbortController().signal): Promise<Answer> {
    const answer = new Answer();
    await this.session.batch(text, answer, signal);
    return answer;
  }

  /** Runs a batch that must not give an error. */
  async ok(text: string): Promise<Answer> {
    const answer = await this.run(text);
    if (answer.errors.length > 0) throw new Error(`${text}: ${JSON.stringify(answer.errors)}`);
    return answer;
  }

  async rows(text: string): Promise<readonly (readonly (string | null)[])[]> {
    return (await this.ok(text)).rows;
  }

  /** Text of the only value of the last result set. */
  async value(text: string): Promise<string | null | undefined> {
    return (await this.rows(text))[0]?.[0];
  }

  /** First error of a batch. */
  async error(text: string): Promise<SqlMessage | undefined> {
    return (await this.run(text)).errors[0];
  }

  async rpc(
    procedure: string,
    parameters: readonly RpcParameter[],
    signal = new AbortController().signal,
  ): Promise<Answer> {
    const answer = new Answer();
    await this.session.rpc({ procedure, parameters }, answer, signal);
    return answer;
  }
}

export function parameter(name: string, type: SqlType, value: SqlValue, output = false): RpcParameter {
  return { name, type, value, output };
}

export const text = (value: string, name = ''): RpcParameter =>
  parameter(name, { name: 'nvarchar', length: 4000 }, value);
export const int = (value: number | null, name = '', output = false): RpcParameter =>
  parameter(name, { name: 'int' }, value, output);

export class TestServer implements AsyncDisposable {
  readonly instance: Instance;
  readonly manager: SessionManager;
  readonly #folder: string;
  readonly disconnected: number[] = [];

  private constructor(instance: Instance, folder: string) {
    this.instance = instance;
    this.manager = new SessionManager(instance);
    this.#folder = folder;
  }

  static async open(): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'sqlserver-exec-'));
    return new TestServer(await openInstance({ dataRoot: folder, saPassword: PASSWORD }), folder);
  }

  async connect(options: Partial<LoginRequest> = {}): Promise<Client> {
    const session = await this.manager.login({
      user: 'sa',
      password: PASSWORD,
      database: '',
      hostName: 'host',
      appName: 'test',
      libraryName: 'test',
      language: '',
      clientAddress: '127.0.0.1',
      ...options,
    });
    return new Client(session);
  }

  /** A client in a new database of its own. */
  async database(name = 'work'): Promise<Client> {
    const client = await this.connect();
    await client.ok(`CREATE DATABASE [${name}]`);
    await client.ok(`USE [${name}]`);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.manager.close();
    await this.instance.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Polls until a condition holds; fails after a while. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
