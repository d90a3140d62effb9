import { SqlError, type Database } from '../../contracts.ts';
import { UnitOfWork, type WorkMark } from './unit-of-work.ts';

export interface TransactionEvents {
  begun(id: bigint): void;
  ended(id: bigint, how: 'commit' | 'rollback'): void;
}

let lastTransaction = 0x1_0000n;

/** BEGIN, COMMIT, ROLLBACK and SAVE TRANSACTION of one session. */
export class TransactionControl {
  /** @@TRANCOUNT */
  count = 0;
  /** An error left the transaction uncommittable: only ROLLBACK is possible. */
  doomed = false;
  readonly #spid: number;
  readonly #events: TransactionEvents;
  #unit: UnitOfWork | undefined;
  #id = 0n;
  #name = '';
  #savepoints: { readonly name: string; readonly mark: WorkMark }[] = [];

  constructor(spid: number, events: TransactionEvents) {
    this.#spid = spid;
    this.#events = events;
  }

  /** The open transaction's unit of work. */
  get unit(): UnitOfWork | undefined {
    return this.#unit;
  }

  get id(): bigint {
    return this.#id;
  }

  get state(): -1 | 0 | 1 {
    return this.count === 0 ? 0 : this.doomed ? -1 : 1;
  }

  /** Databases in which the open transaction has work. */
  get databases(): Iterable<Database> {
    return this.#unit?.databases ?? [];
  }

  begin(name = '', mark?: { readonly description: string }): void {
    if (this.count === 0) {
      lastTransaction += 1n;
      this.#id = lastTransaction;
      this.#name = name;
      this.#unit = new UnitOfWork(this.#spid, mark === undefined ? undefined : { name, description: mark.description });
      this.#savepoints = [];
      this.doomed = false;
      this.#events.begun(this.#id);
    }
    this.count += 1;
  }

  commit(): void {
    if (this.count === 0) {
      throw failure(3902, 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.');
    }
    if (this.doomed) throw uncommittable();
    if (this.count > 1) {
      this.count -= 1;
      return;
    }
    const unit = this.#unit;
    this.#close();
    try {
      unit?.commit();
    } catch (error) {
      this.#events.ended(this.#id, 'rollback');
      throw error;
    }
    this.#events.ended(this.#id, 'commit');
  }

  rollback(name = ''): void {
    if (this.count === 0) {
      throw failure(3903, 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.');
    }
    if (name !== '') {
      const at = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name.toLowerCase());
      const savepoint = this.#savepoints[at];
      if (savepoint !== undefined) {
        if (this.doomed) throw uncommittable();
        this.#unit?.rollbackTo(savepoint.mark);
        this.#savepoints.length = at + 1;
        return;
      }
      if (this.#name.toLowerCase() !== name.toLowerCase()) {
        throw failure(6401, `Cannot roll back ${name}. No transaction or savepoint of that name was found.`);
      }
    }
    this.rollbackAll();
  }

  /** Ends the whole transaction, however deep; nothing to do without one. */
  rollbackAll(): void {
    if (this.count === 0) return;
    const unit = this.#unit;
    this.#close();
    unit?.rollback();
    this.#events.ended(this.#id, 'rollback');
  }

  save(name: string): void {
    if (this.count === 0 || this.#unit === undefined) {
      throw failure(628, 'Cannot issue SAVE TRANSACTION when there is no active transaction.');
    }
    if (this.doomed) throw uncommittable();
    this.#savepoints.push({ name: name.toLowerCase(), mark: this.#unit.mark() });
  }

  #close(): void {
    this.count = 0;
    this.doomed = false;
    this.#unit = undefined;
    this.#savepoints = [];
  }
}

export function uncommittable(): SqlError {
  return failure(
    3930,
    'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
  );
}

function failure(number: number, text: string): SqlError {
  return new SqlError({ number, class: 16, state: 1, text });
}
