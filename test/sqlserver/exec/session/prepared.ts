import { SqlError } from '../../contracts.ts';
import type { ProcedureParameter } from '../../tsql/ast/procedure.ts';

export interface Prepared {
  readonly text: string;
  readonly parameters: readonly ProcedureParameter[];
}

/** Handles of sp_prepare and sp_prepexec. */
export class PreparedStatements {
  readonly #statements = new Map<number, Prepared>();
  #last = 0;

  add(statement: Prepared): number {
    this.#last += 1;
    this.#statements.set(this.#last, statement);
    return this.#last;
  }

  get(handle: number): Prepared {
    const statement = this.#statements.get(handle);
    if (statement === undefined) {
      throw new SqlError({
        number: 8179,
        class: 16,
        state: 2,
        text: `Could not find prepared statement with handle ${handle}.`,
      });
    }
    return statement;
  }

  remove(handle: number): void {
    this.get(handle);
    this.#statements.delete(handle);
  }

  clear(): void {
    this.#statements.clear();
  }
}
