import type { SqlMessage } from '../../contracts.ts';
import type { Activation } from '../session/activation.ts';
import type { Completion as Done } from '../session/output.ts';

/** The client sent an attention, or its connection is gone: nothing more of the request runs, no handler either. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'AbortError';
  }
}

/** An error on its way to the CATCH block of an enclosing TRY. */
export class Raised extends Error {
  readonly error: SqlMessage;
  /** Blocks of this activation do not catch it: an error of compilation passes the handlers of its own level. */
  readonly beyond: Activation | undefined;

  constructor(error: SqlMessage, beyond: Activation | undefined) {
    super(error.text);
    this.error = error;
    this.beyond = beyond;
  }
}

/** The batch (or, with `scope`, only this module) ends here; its messages are sent. */
export class Aborted extends Error {
  readonly scope: Activation | undefined;
  /** The statement's own completion is sent too. */
  constructor(scope?: Activation) {
    super('aborted');
    this.scope = scope;
  }
}

export type Completion = 'next' | 'break' | 'continue' | 'return' | { readonly goto: string };

/** What a simple statement did; its end is announced after its transaction is committed. */
export interface Outcome {
  readonly flow?: Completion;
  readonly done?: Done;
}
