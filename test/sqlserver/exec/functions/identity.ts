import type { Table } from '../../contracts.ts';
import { parse } from '../../tsql/parse.ts';
import type { Compiled, Run } from '../expression/compiled.ts';
import { numeric } from '../types/sqltype.ts';
import { asString, define, strict, type FunctionDefinition } from './define.ts';

/** The table a name in a string means; undefined for everything that is no table. */
function tableNamed(text: string, run: Run): Table | undefined {
  let parsed;
  try {
    [parsed] = parse(`TRUNCATE TABLE ${text}`).statements;
  } catch {
    return undefined;
  }
  if (parsed?.kind !== 'truncate') return undefined;
  const { name, schema = 'dbo', database } = parsed.table;
  if (name.startsWith('#')) {
    const wanted = name.toLowerCase();
    return [...run.system().temporaryTables()].find((table) => table.definition.name.toLowerCase() === wanted);
  }
  return run.system(database).database.table(schema, name);
}

function identityFunction(name: string, read: (table: Table) => bigint | undefined): FunctionDefinition {
  return define(name, 1, 1, ([arg]) =>
    strict(numeric(38, 0), [asString(arg as Compiled)], ([text], run) => {
      const table = tableNamed(text as string, run);
      const value = table === undefined ? undefined : read(table);
      return value === undefined ? null : { unscaled: value, scale: 0 };
    }),
  );
}

const identityOf = (table: Table) => table.definition.columns.find((column) => column.identity !== undefined)?.identity;

export const identityFunctions: readonly FunctionDefinition[] = [
  identityFunction('IDENT_CURRENT', (table) => {
    const identity = identityOf(table);
    return identity === undefined ? undefined : (table.lastIdentity ?? identity.seed);
  }),
  identityFunction('IDENT_SEED', (table) => identityOf(table)?.seed),
  identityFunction('IDENT_INCR', (table) => identityOf(table)?.increment),
];
