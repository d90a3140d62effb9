import type { SqlValue } from '../../../contracts.ts';
import { appLockMode, areCompatible, union } from '../app-lock-modes.ts';
import {
  invalidArgument,
  isOwnPrincipal,
  lockOwner,
  outsideTransaction,
  resourceName,
  unknownPrincipal,
  type LockOwner,
} from '../app-lock-request.ts';
import type { SystemContext } from '../contract.ts';
import { nvarchar, scalar, sysname } from '../function.ts';
import { textArg } from '../values.ts';

interface Subject {
  readonly spid: number;
  readonly databaseId: number;
  readonly principal: string;
  readonly resource: string;
  readonly owner: LockOwner;
}

function subject(context: SystemContext, who: string, args: readonly (SqlValue | undefined)[]): Subject {
  const [principal, resource, owner] = args.map(textArg);
  if (owner !== undefined && lockOwner(owner) === undefined) {
    throw invalidArgument(1226, 1, 'application lock owner', who);
  }
  const lockedBy = lockOwner(owner) ?? 'Transaction';
  if (lockedBy === 'Transaction' && context.session.transactionCount === 0) throw outsideTransaction(2);
  if (principal === undefined) throw invalidArgument(1230, 3, 'database principal', who);
  if (resource === undefined) throw invalidArgument(1225, 1, 'application lock mode', who);
  if (!isOwnPrincipal(context, principal)) throw unknownPrincipal(principal);
  const { spid } = context.session;
  return { spid, databaseId: context.database.id, principal, resource: resourceName(resource), owner: lockedBy };
}

function test(context: SystemContext, [principal, resource, mode, owner]: readonly SqlValue[]): number {
  const place = subject(context, 'applock_test', [principal, resource, owner]);
  const wanted = appLockMode(textArg(mode));
  if (wanted === undefined) {
    throw invalidArgument(1225, mode === null ? 2 : 3, 'application lock mode', 'applock_test');
  }
  const own = context.locks.mode(place);
  const needed = union(own === 'NoLock' ? undefined : own, wanted);
  for (const lock of context.locks.held()) {
    const same =
      lock.databaseId === place.databaseId &&
      lock.resource === place.resource &&
      lock.principal.toLowerCase() === place.principal.toLowerCase();
    if (same && lock.spid !== place.spid && !areCompatible(needed, lock.mode)) return 0;
  }
  return 1;
}

const list = { database_principal: sysname, resource_name: nvarchar(255) };

export const appLockFunctions = [
  scalar('APPLOCK_MODE', { ...list, lock_owner: nvarchar(32) }, nvarchar(32), (context, args) =>
    context.locks.mode(subject(context, 'applock_mode', args)),
  ),
  scalar('APPLOCK_TEST', { ...list, lock_mode: nvarchar(32), lock_owner: nvarchar(32) }, { name: 'int' }, test),
];
