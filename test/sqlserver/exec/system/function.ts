import type { SqlType, SqlValue } from '../../contracts.ts';
import type { SystemContext, SystemFunction, SystemParameter } from './contract.ts';

export const sysname: SqlType = { name: 'nvarchar', length: 128 };
export const int: SqlType = { name: 'int' };
export const smallint: SqlType = { name: 'smallint' };
export const anyType: SqlType = { name: 'sql_variant' };
export const nvarchar = (length: number): SqlType => ({ name: 'nvarchar', length });
export const varbinary = (length: number): SqlType => ({ name: 'varbinary', length });

type Evaluate = SystemFunction['evaluate'];

/** `name type` pairs; a `?` behind the name makes a parameter optional. */
export function parameters(list: Readonly<Record<string, SqlType>>): readonly SystemParameter[] {
  return Object.entries(list).map(([name, type]) =>
    name.endsWith('?') ? { name: name.slice(0, -1), type, optional: true } : { name, type },
  );
}

export const scalar = (
  name: string,
  list: Readonly<Record<string, SqlType>>,
  type: SqlType,
  evaluate: Evaluate,
): SystemFunction => ({ name, parameters: parameters(list), type, evaluate });

/** @@NAME, and CURRENT_USER and its kin, which take no parentheses. */
export const niladic = (
  name: string,
  type: SqlType,
  evaluate: (context: SystemContext) => SqlValue,
): SystemFunction => ({
  name,
  parameters: [],
  type,
  ...(name.startsWith('@@') ? {} : { niladic: true }),
  evaluate,
});

/**
 * Whether the first argument was left out: DB_NAME() is the current database, DB_NAME(NULL) is NULL. A caller that does not
 * say how many arguments it has pads them with NULL, and then NULL counts as left out.
 */
export const isLeftOut = (first: SqlValue | undefined, given: number | undefined): boolean =>
  given === undefined ? first === null || first === undefined : given === 0;
