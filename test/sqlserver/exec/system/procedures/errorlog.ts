import type { SqlMoment } from '../../../contracts.ts';
import type { ProcedureContext } from '../contract.ts';
import { raise } from '../errors.ts';
import { procedure, sendRows } from '../procedure.ts';
import { isMoment, momentOf } from '../values.ts';

interface Entry {
  readonly date: SqlMoment;
  readonly source: string;
  text: string;
}

const head = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d\d) (\S+)\s+(.*)$/;

/** A line without a time of its own goes on with the entry before it. */
export function parseErrorLog(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const match = head.exec(line);
    const last = entries.at(-1);
    if (match) {
      const [, day, time, source, rest] = match;
      const date = momentOf(Date.parse(`${day}T${time}Z`), 0);
      entries.push({ date, source: source as string, text: rest as string });
    } else if (last !== undefined && line !== '') {
      last.text += `\r\n${line}`;
    }
  }
  return entries;
}

interface Filter {
  readonly archive: number;
  readonly logType: number;
  readonly texts: readonly (string | undefined)[];
  readonly from?: SqlMoment | undefined;
  readonly to?: SqlMoment | undefined;
  readonly descending: boolean;
}

async function send(context: ProcedureContext, name: string, filter: Filter): Promise<void> {
  if (!context.permissions.inServerRole('sysadmin') && !context.permissions.inServerRole('securityadmin')) {
    throw raise(15003, 16, 1, 'Only members of the securityadmin role can execute this stored procedure.', name);
  }
  if (filter.logType !== 1) {
    throw raise(22004, 16, 1, 'The log of SQL Server Agent is not available: the agent is not running.', name);
  }
  const file = filter.archive === 0 ? 'errorlog' : `errorlog.${filter.archive}`;
  const text = context.instance.files.readLog?.(file);
  if (text === undefined) {
    throw raise(22004, 16, 1, "xp_readerrorlog() returned error 2, 'The system cannot find the file specified.'", name);
  }
  const entries = parseErrorLog(text).filter(
    (entry) =>
      filter.texts.every((one) => one === undefined || entry.text.toLowerCase().includes(one.toLowerCase())) &&
      (filter.from === undefined || entry.date.ticks >= filter.from.ticks) &&
      (filter.to === undefined || entry.date.ticks <= filter.to.ticks),
  );
  await sendRows(
    context,
    'LogDate datetime, ProcessInfo nvarchar(50) null, Text nvarchar(max) null',
    (filter.descending ? entries.toReversed() : entries).map((entry) => ({
      LogDate: entry.date,
      ProcessInfo: entry.source,
      Text: entry.text,
    })),
  );
}

export const errorLogProcedures = [
  procedure({
    name: 'xp_readerrorlog',
    parameters: `@archive int ?, @logtype int ?, @text1 nvarchar(4000) ?, @text2 nvarchar(4000) ?, @start datetime ?,
      @end datetime ?, @order nvarchar(8) ?`,
    async run(context, args) {
      const start = args.value('@start');
      const end = args.value('@end');
      await send(context, 'xp_readerrorlog', {
        archive: args.number('@archive') ?? 0,
        logType: args.number('@logtype') ?? 1,
        texts: [args.text('@text1'), args.text('@text2')],
        from: isMoment(start) ? start : undefined,
        to: isMoment(end) ? end : undefined,
        descending: args.text('@order')?.trim().toLowerCase() === 'desc',
      });
    },
  }),
  procedure({
    name: 'sp_readerrorlog',
    parameters: '@p1 int ?, @p2 int ?, @p3 nvarchar(4000) ?, @p4 nvarchar(4000) ?',
    async run(context, args) {
      await send(context, 'sp_readerrorlog', {
        archive: args.number('@p1') ?? 0,
        logType: args.number('@p2') ?? 1,
        texts: [args.text('@p3'), args.text('@p4')],
        descending: false,
      });
    },
  }),
];
