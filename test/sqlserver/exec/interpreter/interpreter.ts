import { SqlError } from '../../contracts.ts';
import type { Statement } from '../../tsql/ast/statement.ts';
import { compileCondition } from '../expression/condition.ts';
import { Row } from '../expression/row.ts';
import { Scope } from '../expression/scope.ts';
import type { Activation } from '../session/activation.ts';
import type { ExecSession } from '../session/session.ts';
import { execute } from '../statements/execute-statement.ts';
import { commandOf, completionOf, startsTransaction } from './command.ts';
import { abortsBatch, isCompileError, stackLimit, TERMINATED } from './errors.ts';
import { Aborted, Interrupted, Raised, type Completion } from './signals.ts';
import { StatementRun } from './statement-run.ts';

const NO_ROW = new Row([], null);
/** @@ROWCOUNT (Transact-SQL): these set it to 0. */
const RESET_ROWCOUNT = new Set(['use', 'set option', 'deallocate', 'close', 'print', 'raiserror', 'transaction']);
const MODIFICATIONS = new Set(['insert', 'update', 'delete', 'merge']);

/** Runs the statements of one activation; nested ones get an interpreter of their own with the same TRY blocks around. */
export class Interpreter {
  readonly session: ExecSession;
  readonly activation: Activation;
  readonly signal: AbortSignal;
  /** Activations whose TRY blocks are open now, outermost first. */
  readonly #tries: Activation[];

  constructor(session: ExecSession, activation: Activation, signal: AbortSignal, tries: Activation[] = []) {
    this.session = session;
    this.activation = activation;
    this.signal = signal;
    this.#tries = tries;
  }

  /** For a module that this one calls. */
  nested(activation: Activation): Interpreter {
    return new Interpreter(this.session, activation, this.signal, this.#tries);
  }

  async run(statements: readonly Statement[]): Promise<Completion> {
    let at = 0;
    while (at < statements.length) {
      const completion = await this.statement(statements[at] as Statement);
      at += 1;
      if (completion === 'next') continue;
      if (typeof completion !== 'object') return completion;
      const { goto } = completion;
      const label = statements.findIndex((other) => other.kind === 'label' && other.label.toLowerCase() === goto);
      if (label < 0) return completion;
      at = label + 1;
    }
    return 'next';
  }

  async statement(statement: Statement): Promise<Completion> {
    if (this.signal.aborted) throw new Interrupted();
    switch (statement.kind) {
      case 'block':
        return this.run(statement.body);
      case 'if': {
        const chosen = await this.#condition(statement, statement.condition);
        if (chosen === undefined) return 'next';
        if (chosen) return this.statement(statement.then);
        return statement.otherwise === undefined ? 'next' : this.statement(statement.otherwise);
      }
      case 'while':
        return this.#while(statement);
      case 'try':
        return this.#try(statement);
      case 'label':
        return 'next';
      case 'goto':
        return { goto: statement.label.toLowerCase() };
      case 'break':
      case 'continue':
        this.activation.output.complete({ curCmd: 202 });
        return statement.kind;
      default:
        return this.#simple(statement);
    }
  }

  async #while(statement: Extract<Statement, { kind: 'while' }>): Promise<Completion> {
    let round = 0;
    while ((await this.#condition(statement, statement.condition)) === true) {
      const completion = await this.statement(statement.body);
      if (completion === 'break') return 'next';
      if (completion !== 'next' && completion !== 'continue') return completion;
      // A loop without waits must not keep everybody else from working.
      if (++round % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return 'next';
  }

  /** undefined: the condition failed and the statement is skipped. */
  async #condition(
    statement: Statement,
    condition: Extract<Statement, { kind: 'if' }>['condition'],
  ): Promise<boolean | undefined> {
    const { session } = this;
    const run = new StatementRun(session, this.activation, statement, this.signal);
    try {
      const planner = run.planner();
      const test = run.compile(() => compileCondition(condition, new Scope(planner)));
      await run.lockUses(planner.uses);
      const result = test(NO_ROW, run) === true;
      run.succeed();
      session.lastError = 0;
      this.activation.output.complete({ curCmd: 192 });
      return result;
    } catch (error) {
      await this.#failed(error, run, statement, 192);
      return undefined;
    }
  }

  async #simple(statement: Statement): Promise<Completion> {
    const { session } = this;
    const run = new StatementRun(session, this.activation, statement, this.signal);
    const { request } = session;
    if (request !== undefined) {
      request.command = commandOf(statement);
      request.percentComplete = 0;
      if (this.activation.text === request.text) {
        request.statementStart = statement.start;
        request.statementEnd = statement.end;
      }
    }
    try {
      if (
        session.settings.isOn('IMPLICIT_TRANSACTIONS') &&
        session.transactions.count === 0 &&
        startsTransaction(statement)
      ) {
        session.transactions.begin();
      }
      const { flow, done } = await execute(this, statement, run);
      run.succeed();
      if (RESET_ROWCOUNT.has(statement.kind)) session.affected = 0;
      if (statement.kind !== 'raiserror' && statement.kind !== 'execute' && statement.kind !== 'return')
        session.lastError = 0;
      if (done !== undefined) this.activation.output.complete(done);
      return flow ?? 'next';
    } catch (error) {
      await this.#failed(error, run, statement, completionOf(statement));
      return 'next';
    }
  }

  async #try(statement: Extract<Statement, { kind: 'try' }>): Promise<Completion> {
    const { session, activation } = this;
    activation.output.complete({ curCmd: 349 });
    const outer = session.caught;
    this.#tries.push(activation);
    const depth = this.#tries.length;
    try {
      const completion = await this.run(statement.body);
      this.#tries.length = depth - 1;
      if (completion === 'next') activation.output.complete({ curCmd: 351 });
      return completion;
    } catch (error) {
      this.#tries.length = depth - 1;
      if (!(error instanceof Raised) || error.beyond === activation) throw error;
      // Procedures that the error went through are over.
      session.activation = activation;
      session.caught = error.error;
      session.lastError = error.error.number;
    }
    activation.output.complete({ curCmd: 350 });
    try {
      const completion = await this.run(statement.handler);
      if (completion === 'next') activation.output.complete({ curCmd: 351 });
      return completion;
    } finally {
      session.caught = outer;
    }
  }

  // -------------------------------------------------------------------------------------------------------- errors

  /**
   * What an error ends: the statement, the module, the batch ("Database Engine error severities"; TRY…CATCH and
   * SET XACT_ABORT (Transact-SQL)). Returns when the next statement may run.
   */
  async #failed(thrownError: unknown, run: StatementRun, statement: Statement, curCmd: number): Promise<void> {
    run.fail();
    const deep = thrownError instanceof RangeError && thrownError.message.includes('call stack');
    const error = deep ? stackLimit() : thrownError;
    if (!(error instanceof SqlError)) throw error;
    if (this.signal.aborted) throw new Interrupted();
    const { session, activation } = this;
    const { transactions } = session;
    const messages = error.messages.map((message) => run.placed(message));
    const last = messages.findLast((message) => message.class > 10) ?? messages.at(-1);
    if (last === undefined) throw error;
    session.lastError = last.number;
    session.affected = 0;
    const compile = isCompileError(error);
    const fatal = messages.some((message) => message.class >= 20);
    if (fatal) {
      transactions.rollbackAll();
      throw new SqlError(...messages);
    }
    const thrown = statement.kind === 'throw';
    const deadlock = messages.some((message) => message.number === 1205);
    const quiet =
      statement.kind === 'raiserror' ||
      statement.kind === 'backup' ||
      statement.kind === 'restore' ||
      statement.kind === 'restore info';
    const aborting = abortsBatch(error);
    const xactAbort = session.settings.isOn('XACT_ABORT') && !quiet && !compile;

    if (this.#catches(compile)) {
      if (deadlock) transactions.rollbackAll();
      else if (transactions.count > 0 && (aborting || xactAbort)) transactions.doomed = true;
      if (!compile) activation.output.complete({ curCmd, resultSet: run.sentColumns });
      throw new Raised(last, compile ? activation : undefined);
    }

    for (const message of messages) activation.output.message(message);
    if (MODIFICATIONS.has(statement.kind) && !compile) {
      activation.output.message(run.placed(TERMINATED));
    }
    if (deadlock || (aborting && !compile) || (xactAbort && transactions.count > 0)) transactions.rollbackAll();
    // unknown: a batch that an error of compilation ends may have sent metadata already; the code of the DONE is 253 then.
    const done = { curCmd: compile || thrown ? 253 : curCmd, failed: true };
    if (thrown || aborting || deadlock || xactAbort || (compile && activation.kind === 'batch')) {
      activation.output.abort(done);
      throw new Aborted();
    }
    activation.output.complete(done);
    if (compile) throw new Aborted(activation);
  }

  /** Some open TRY block may handle the error; errors of compilation only one of a calling level. */
  #catches(compile: boolean): boolean {
    return compile ? this.#tries.some((activation) => activation !== this.activation) : this.#tries.length > 0;
  }
}
