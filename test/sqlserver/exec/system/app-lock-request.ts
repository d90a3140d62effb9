import type { SqlError } from '../../contracts.ts';
import type { SystemContext } from './contract.ts';
import { raise } from './errors.ts';
import { sameName } from './values.ts';

export type LockOwner = 'Session' | 'Transaction';

/** undefined for anything else; upper and lower case do not matter. */
export function lockOwner(text: string | undefined): LockOwner | undefined {
  if (text === undefined) return undefined;
  return (['Session', 'Transaction'] as const).find((owner) => sameName(owner, text));
}

/** The user itself, a role it is in, or public. */
export function isOwnPrincipal({ permissions, database }: SystemContext, principal: string): boolean {
  return (
    sameName(principal, 'public') ||
    sameName(principal, permissions.userIn(database) ?? '') ||
    permissions.inDatabaseRole(database, principal)
  );
}

export const unknownPrincipal = (principal: string, procedure?: string): SqlError =>
  raise(1202, 16, 1, `The database-principal '${principal}' does not exist or user is not a member.`, procedure);

export const outsideTransaction = (state: number, procedure?: string): SqlError =>
  raise(3918, 16, state, 'The statement or function must be executed in the context of a user transaction.', procedure);

/** 1224 to 1230, which say what was wrong with the call of `who`. */
export const invalidArgument = (number: number, state: number, what: string, who: string): SqlError =>
  raise(
    number,
    16,
    state,
    `An invalid ${what} was passed to ${who}.`,
    who === 'xp_userlock' ? 'sys.xp_userlock' : undefined,
  );

/** Longer names of resources are cut, not refused. */
export const resourceName = (text: string): string => text.slice(0, 255);
