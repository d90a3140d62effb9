import type { ProcedureContext, SessionInfo } from '../contract.ts';
import { raise } from '../errors.ts';
import { procedure, sendRows } from '../procedure.ts';
import { dateText, epochMsOf, sameName } from '../values.ts';
import { visibleSessions } from '../views/selection.ts';

/** A spid, a login, 'active', or nothing: sp_who (Transact-SQL). */
function selected(context: ProcedureContext, wanted: string | undefined): readonly SessionInfo[] {
  const sessions = [...visibleSessions(context)].sort((a, b) => a.spid - b.spid);
  if (wanted === undefined) return sessions;
  if (/^\d+$/.test(wanted)) return sessions.filter((session) => session.spid === Number(wanted));
  if (sameName(wanted, 'active')) return sessions.filter((session) => session.request !== undefined);
  if (context.instance.login(wanted) === undefined) {
    throw raise(15007, 16, 1, `'${wanted}' is not a valid login or you do not have permission.`, 'sp_who');
  }
  return sessions.filter((session) => sameName(session.login.name, wanted));
}

const command = (session: SessionInfo): string => session.request?.command ?? 'AWAITING COMMAND';
const status = (session: SessionInfo): string => session.request?.status ?? 'sleeping';

export const whoProcedures = [
  procedure({
    name: 'sp_who',
    parameters: '@loginame sysname ?',
    async run(context, args) {
      await sendRows(
        context,
        `spid smallint, ecid smallint = 0, status nchar(30), loginame nvarchar(128) null, hostname nchar(128),
         blk char(5), dbname nvarchar(128) null, cmd nchar(26), request_id int = 0`,
        selected(context, args.text('@loginame')).map((session) => ({
          spid: session.spid,
          status: status(session),
          loginame: session.login.name,
          hostname: session.hostName,
          blk: String(session.request?.blockedBy ?? 0),
          dbname: session.databaseName,
          cmd: command(session).slice(0, 26),
        })),
      );
    },
  }),
  procedure({
    name: 'sp_who2',
    parameters: '@loginame sysname ?',
    async run(context, args) {
      await sendRows(
        context,
        `SPID char(5), Status nvarchar(30), Login nvarchar(128), HostName nvarchar(128), BlkBy char(5),
         DBName nvarchar(128) null, Command nvarchar(32), CPUTime varchar(30) = '0', DiskIO varchar(30) = '0',
         LastBatch varchar(14), ProgramName nvarchar(128), spid char(5), REQUESTID char(5) = '0'`,
        selected(context, args.text('@loginame')).map((session) => ({
          SPID: String(session.spid),
          Status: session.request === undefined ? 'sleeping' : session.request.status.toUpperCase(),
          Login: session.login.name,
          HostName: session.hostName === '' ? '  .' : session.hostName,
          BlkBy:
            session.request === undefined || session.request.blockedBy === 0
              ? '  .'
              : String(session.request.blockedBy),
          DBName: session.databaseName,
          Command: command(session),
          LastBatch: lastBatch(session),
          ProgramName: session.programName,
          spid: String(session.spid),
        })),
      );
    },
  }),
];

/** MM/DD hh:mm:ss */
function lastBatch({ lastRequestStart }: SessionInfo): string {
  const [, month, day] = dateText(lastRequestStart).split('-');
  return `${month}/${day} ${new Date(epochMsOf(lastRequestStart, 0)).toISOString().slice(11, 19)}`;
}
