import type { Activation } from '../session/activation.ts';
import type { ExecSession } from '../session/session.ts';
import { makeTemporaryTable } from '../session/temporary.ts';
import { tableDefinition } from '../statements/table-definition.ts';

/** Table variables exist, empty, from the start of their batch or module. */
export function declareTables(activation: Activation, session: ExecSession): void {
  for (const [name, elements] of activation.declarations.tables) {
    const definition = tableDefinition({ schema: 'dbo', name, elements, database: 'tempdb' });
    activation.tables.set(name, makeTemporaryTable(definition, session.lastRequestStart));
  }
}
