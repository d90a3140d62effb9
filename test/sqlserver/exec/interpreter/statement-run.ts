import {
  SqlError,
  type Database,
  type SqlMessage,
  type SqlMoment,
  type StatementContext,
  type Table,
} from '../../contracts.ts';
import type { StatementBase } from '../../tsql/ast/base.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled, Run } from '../expression/compiled.ts';
import { Row } from '../expression/row.ts';
import { Scope } from '../expression/scope.ts';
import { Planner, type TableUse } from '../query/planner.ts';
import type { Activation } from '../session/activation.ts';
import type { Output } from '../session/output.ts';
import type { ExecSession } from '../session/session.ts';
import { TemporaryWriter, type RowWriter } from '../session/temporary.ts';
import { uncommittable } from '../session/transactions.ts';
import { UnitOfWork, type WorkMark } from '../session/unit-of-work.ts';
import { makeSystemContext } from '../session/system-context.ts';
import type { SystemContext } from '../system/contract.ts';
import type { ConvertContext } from '../types/convert.ts';
import { momentFromEpoch } from '../types/moment.ts';
import { asCompileError } from './errors.ts';
import { Interrupted } from './signals.ts';

const NO_ROW = new Row([], null);

/** One statement while it runs: its time, its place in a transaction, its way to the client. */
export class StatementRun implements Run {
  readonly session: ExecSession;
  readonly activation: Activation;
  readonly statement: StatementBase;
  readonly signal: AbortSignal;
  readonly cache = new Map<object, unknown>();
  #moment: { readonly now: SqlMoment; readonly offsetMinutes: number } | undefined;
  #unit: UnitOfWork | undefined;
  #ownUnit = false;
  #mark: WorkMark | undefined;
  /** Undo of table variables: they know the statement, not the transaction. */
  readonly #variableUndo: (() => void)[] = [];
  /** Columns have left: the end of the statement shows although it fails. */
  sentColumns = false;
  readonly #warned = new Set<number>();
  readonly #systems = new Map<string, SystemContext>();

  constructor(session: ExecSession, activation: Activation, statement: StatementBase, signal: AbortSignal) {
    this.session = session;
    this.activation = activation;
    this.statement = statement;
    this.signal = signal;
  }

  get output(): Output {
    return this.activation.output;
  }

  get frame(): Activation {
    return this.activation;
  }

  get convert(): ConvertContext {
    return this.session.settings;
  }

  get now(): SqlMoment {
    return this.#clock().now;
  }

  get offsetMinutes(): number {
    return this.#clock().offsetMinutes;
  }

  #clock(): { readonly now: SqlMoment; readonly offsetMinutes: number } {
    if (this.#moment === undefined) {
      const { clock } = this.session.instance;
      const epoch = clock.now();
      const offsetMinutes = clock.offsetMinutes(epoch);
      this.#moment = { now: momentFromEpoch(epoch, offsetMinutes), offsetMinutes };
    }
    return this.#moment;
  }

  system(database?: string): SystemContext {
    const name = database === undefined || database === '' ? this.session.database : database;
    let context = this.#systems.get(name);
    if (context === undefined) {
      context = makeSystemContext(this, name);
      this.#systems.set(name, context);
    }
    return context;
  }

  warn(message: SqlMessage): void {
    if (this.#warned.has(message.number) || !this.session.settings.isOn('ANSI_WARNINGS')) return;
    this.#warned.add(message.number);
    this.message(message);
  }

  /** A message with the place it comes from. */
  message(message: SqlMessage): void {
    this.output.message(this.placed(message));
  }

  placed(message: SqlMessage): SqlMessage {
    const procedure = message.procedure ?? this.activation.procedure?.name;
    return { line: this.statement.line, ...message, ...(procedure === undefined ? {} : { procedure }) };
  }

  throwIfInterrupted(): void {
    if (this.signal.aborted) throw new Interrupted();
  }

  // ------------------------------------------------------------------------------------------------------ planning

  planner(maxRecursion?: number): Planner {
    const { catalog } = this.session;
    const variables = this.activation.declarations.scalars;
    return new Planner(
      {
        catalog,
        variables: mergedTypes(this.activation, variables),
        ...(maxRecursion === undefined ? {} : { maxRecursion }),
      },
      { database: catalog.current, schema: catalog.defaultSchema },
    );
  }

  /** Errors of names and types count as errors of compilation. */
  compile<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      throw error instanceof SqlError ? asCompileError(error) : error;
    }
  }

  /** Compiles an expression that stands alone: variables, functions, subqueries. */
  compileScalar(expression: Expression): { readonly compiled: Compiled; readonly uses: readonly TableUse[] } {
    return this.compile(() => {
      const planner = this.planner();
      return { compiled: compileExpression(expression, new Scope(planner)), uses: planner.uses };
    });
  }

  async evaluate(
    expression: Expression,
  ): Promise<{ readonly compiled: Compiled; readonly value: ReturnType<Compiled['evaluate']> }> {
    const { compiled, uses } = this.compileScalar(expression);
    await this.lockUses(uses);
    return { compiled, value: compiled.evaluate(NO_ROW, this) };
  }

  // -------------------------------------------------------------------------------------------------- transactions

  /** The transaction of the session, or one of this statement alone. */
  get unit(): UnitOfWork {
    if (this.#unit === undefined) {
      const { transactions } = this.session;
      const open = transactions.unit;
      this.#unit = open ?? new UnitOfWork(this.session.spid);
      this.#ownUnit = open === undefined;
      this.#mark = this.#unit.mark();
    }
    return this.#unit;
  }

  async lockUses(uses: readonly TableUse[]): Promise<void> {
    const { isolationLevel } = this.session.settings;
    for (const { database, table, mode } of uses) {
      if (mode === 'none' || (isolationLevel === 1 && mode === 'shared')) continue;
      if (isolationLevel === 5) throw noSnapshot(database);
      await this.lock(database, table, mode);
    }
  }

  async lock(database: Database, table: Table, mode: 'shared' | 'exclusive'): Promise<void> {
    const transaction = this.unit.reader(database);
    const { request, settings } = this.session;
    const take = (): Promise<void> =>
      transaction.lock(table, mode, this.signal, settings.lockTimeout < 0 ? undefined : settings.lockTimeout);
    try {
      await (request === undefined ? take() : request.waiting(mode === 'shared' ? 'LCK_M_S' : 'LCK_M_X', take));
    } catch (error) {
      if (this.signal.aborted) throw new Interrupted();
      throw error;
    }
  }

  /** For changing rows of a stored table, whose exclusive lock is taken here. */
  async writer(database: Database, table: Table): Promise<RowWriter> {
    this.checkWritable();
    await this.lock(database, table, 'exclusive');
    return this.unit.writer(database);
  }

  /** The rows are read: under READ COMMITTED nobody has to wait for the client to take them. */
  releaseReaders(): void {
    if (this.#unit !== undefined && this.session.settings.isolationLevel <= 2) this.#unit.releaseShared();
  }

  checkWritable(): void {
    if (this.session.transactions.doomed) throw uncommittable();
  }

  temporaryWriter(): TemporaryWriter {
    return new TemporaryWriter(this.unit.temporary);
  }

  variableWriter(): TemporaryWriter {
    return new TemporaryWriter(this.#variableUndo);
  }

  /** The statement is done: an autocommitted one commits, readers' locks go. */
  succeed(): void {
    this.#variableUndo.length = 0;
    if (this.#unit === undefined) return;
    if (this.#ownUnit) this.#unit.commit();
    else if (this.session.settings.isolationLevel <= 2) this.#unit.releaseShared();
    this.#unit = undefined;
  }

  /** Takes back what this statement did. */
  fail(): void {
    while (this.#variableUndo.length > 0) this.#variableUndo.pop()?.();
    if (this.#unit === undefined) return;
    if (this.#ownUnit) this.#unit.rollback();
    else if (this.session.transactions.unit === this.#unit && this.#mark !== undefined) {
      this.#unit.rollbackTo(this.#mark);
      if (this.session.settings.isolationLevel <= 2) this.#unit.releaseShared();
    }
    this.#unit = undefined;
  }

  // ------------------------------------------------------------------------------------------------ long statements

  /** For methods of Instance; `curCmd` follows every message they send. */
  context(curCmd: number): StatementContext {
    const { session } = this;
    const { lockTimeout } = session.settings;
    return {
      spid: session.spid,
      login: session.login,
      currentDatabase: session.database,
      inTransaction: session.transactions.count > 0,
      signal: this.signal,
      ...(lockTimeout < 0 ? {} : { lockTimeoutMs: lockTimeout }),
      info: (message) => {
        this.message(message);
        this.output.complete({ curCmd, resultSet: true });
        this.output.flush();
      },
      progress: (percent) => {
        if (session.request !== undefined) session.request.percentComplete = percent;
      },
    };
  }
}

/** Parameters of the activation count as declared variables. */
function mergedTypes(
  activation: Activation,
  declared: ReadonlyMap<string, Compiled['type']>,
): ReadonlyMap<string, Compiled['type']> {
  if (activation.variables.size === declared.size) return declared;
  const types = new Map(declared);
  for (const [name, cell] of activation.variables) types.set(name, cell.type);
  return types;
}

function noSnapshot(database: Database): SqlError {
  return new SqlError({
    number: 3952,
    class: 16,
    state: 1,
    text: `Snapshot isolation transaction failed accessing database '${database.name}' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.`,
  });
}
