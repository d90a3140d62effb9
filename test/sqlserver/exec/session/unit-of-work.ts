import type { Database, Transaction } from '../../contracts.ts';

/** A change of a temporary table that can be taken back. */
export type UndoTemporary = () => void;

/** Places to come back to: one in every database of the unit and one among the temporary tables. */
export interface WorkMark {
  readonly marks: ReadonlyMap<Transaction, number>;
  readonly temporary: number;
}

/** The transactions of one explicit transaction or of one autocommitted statement, one for each database it touches. */
export class UnitOfWork {
  readonly #transactions = new Map<Database, Transaction>();
  /** Undo of changes of temporary tables, oldest first. */
  readonly temporary: UndoTemporary[] = [];
  readonly #spid: number;
  readonly #mark: { readonly name: string; readonly description: string } | undefined;

  constructor(spid: number, mark?: { readonly name: string; readonly description: string }) {
    this.#spid = spid;
    this.#mark = mark;
  }

  get databases(): Iterable<Database> {
    return this.#transactions.keys();
  }

  /** For locks of readers. */
  reader(database: Database): Transaction {
    let transaction = this.#transactions.get(database);
    if (transaction === undefined) {
      transaction = database.begin(this.#spid);
      this.#transactions.set(database, transaction);
    }
    return transaction;
  }

  /** For changes: the mark of the transaction goes into the log of this database. */
  writer(database: Database): Transaction {
    const transaction = this.reader(database);
    if (this.#mark !== undefined && transaction.mark === undefined) transaction.mark = this.#mark;
    return transaction;
  }

  mark(): WorkMark {
    const marks = new Map<Transaction, number>();
    for (const transaction of this.#transactions.values()) marks.set(transaction, transaction.savepoint());
    return { marks, temporary: this.temporary.length };
  }

  /** A database that joined after the mark goes back to its beginning. */
  rollbackTo(mark: WorkMark): void {
    for (const transaction of this.#transactions.values()) transaction.rollbackTo(mark.marks.get(transaction) ?? 0);
    this.#undoTemporary(mark.temporary);
  }

  releaseShared(): void {
    for (const transaction of this.#transactions.values()) transaction.releaseShared();
  }

  /** @throws what the log throws; what is not committed by then is rolled back. */
  commit(): void {
    try {
      for (const transaction of this.#transactions.values()) transaction.commit();
    } catch (error) {
      this.rollback();
      throw error;
    }
    this.temporary.length = 0;
  }

  rollback(): void {
    for (const transaction of this.#transactions.values()) {
      if (transaction.state === 'active') transaction.rollback();
    }
    this.#undoTemporary(0);
  }

  #undoTemporary(length: number): void {
    while (this.temporary.length > length) this.temporary.pop()?.();
  }
}
