import { SqlError } from '../../../contracts.ts';
import { messageOf, raise } from '../errors.ts';
import { appLockMode } from '../app-lock-modes.ts';
import {
  invalidArgument,
  isOwnPrincipal,
  lockOwner,
  outsideTransaction,
  resourceName,
  unknownPrincipal,
} from '../app-lock-request.ts';
import type { ProcedureContext } from '../contract.ts';
import { procedure, type Arguments } from '../procedure.ts';

/** Both procedures return this when the call itself was wrong: sp_getapplock (Transact-SQL). */
const invalidCall = -999;
const who = 'xp_userlock';

/** A wrong option is told in a message of class 0 and leaves a batch or a TRY block running. */
function badOption(context: ProcedureContext, name: string, parameter: string, value: string | undefined): number {
  context.message(
    messageOf(15625, 0, 1, `Option '${value ?? '(null)'}' not recognized for '${parameter}' parameter.`, name),
  );
  return invalidCall;
}

/** Principal, 'public' unless told otherwise; an explicit NULL is an error of its own. */
function principalOf(context: ProcedureContext, args: Arguments): string {
  const principal = args.has('@DbPrincipal') ? args.text('@DbPrincipal') : 'public';
  if (principal === undefined) throw invalidArgument(1230, 1, 'database principal', who);
  if (!isOwnPrincipal(context, principal)) throw unknownPrincipal(principal, 'sys.xp_userlock');
  return principal;
}

function timeoutOf(context: ProcedureContext, args: Arguments): number | undefined {
  const timeout = args.number('@LockTimeout') ?? context.session.lockTimeout;
  if (timeout < -1) throw invalidArgument(1227, 2, 'application lock time-out', who);
  return timeout === -1 ? undefined : timeout;
}

/** Errors of the extended procedure behind both are sent, and the procedure goes on to return -999. */
async function guarded(context: ProcedureContext, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    for (const message of error.messages) context.message(message);
    return invalidCall;
  }
}

const notHeld = (principal: string, resource: string): SqlError =>
  raise(
    1223,
    16,
    1,
    `Cannot release the application lock (Database Principal: '${principal}', Resource: '${resource}') because it is not currently held.`,
    'sys.xp_userlock',
  );

const nullResource = () => invalidArgument(1224, 5, 'application lock resource', who);

export const appLockProcedures = [
  procedure({
    name: 'sp_getapplock',
    parameters: `@Resource nvarchar(255) ?, @LockMode varchar(32), @LockOwner varchar(32) ?, @LockTimeout int ?,
      @DbPrincipal sysname ?`,
    async run(context, args) {
      const mode = appLockMode(args.text('@LockMode'));
      if (mode === undefined) return badOption(context, 'sp_getapplock', '@LockMode', args.text('@LockMode'));
      const ownerText = args.has('@LockOwner') ? args.text('@LockOwner') : 'Transaction';
      const owner = lockOwner(ownerText);
      if (owner === undefined) return badOption(context, 'sp_getapplock', '@LockOwner', ownerText);
      if (owner === 'Transaction' && context.session.transactionCount === 0) {
        context.message(
          messageOf(
            15626,
            0,
            1,
            'You attempted to acquire a transactional application lock without an active transaction.',
            'sp_getapplock',
          ),
        );
        return invalidCall;
      }
      return guarded(context, async () => {
        const timeoutMs = timeoutOf(context, args);
        const resource = args.text('@Resource');
        if (resource === undefined) throw nullResource();
        const principal = principalOf(context, args);
        return context.locks.acquire({
          spid: context.session.spid,
          databaseId: context.database.id,
          principal,
          resource: resourceName(resource),
          owner,
          mode,
          timeoutMs,
          signal: context.signal,
        });
      });
    },
  }),
  procedure({
    name: 'sp_releaseapplock',
    parameters: '@Resource nvarchar(255) ?, @LockOwner varchar(32) ?, @DbPrincipal sysname ?',
    async run(context, args) {
      const ownerText = args.has('@LockOwner') ? args.text('@LockOwner') : 'Transaction';
      const owner = lockOwner(ownerText);
      if (owner === undefined) return badOption(context, 'sp_releaseapplock', '@LockOwner', ownerText);
      return guarded(context, async () => {
        if (owner === 'Transaction' && context.session.transactionCount === 0) {
          throw outsideTransaction(1, 'sys.xp_userlock');
        }
        const text = args.text('@Resource');
        if (text === undefined) throw nullResource();
        const resource = resourceName(text);
        const principal = principalOf(context, args);
        const place = { spid: context.session.spid, databaseId: context.database.id, principal, resource, owner };
        if (!context.locks.release(place)) throw notHeld(principal, resource);
        return 0;
      });
    },
  }),
];
