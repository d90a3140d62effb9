import { SqlError, type SqlType, type SqlValue } from '../../contracts.ts';
import { identity } from '../functions/logic.ts';
import { INT, numeric, nvarchar, SMALLINT, TINYINT } from '../types/sqltype.ts';
import type { Compiled, Run } from './compiled.ts';
import type { Scope } from './scope.ts';

const GLOBALS: Readonly<
  Record<string, { readonly type: SqlType; readonly read: (run: Run) => SqlValue; readonly nullable?: true }>
> = {
  '@@ROWCOUNT': { type: INT, read: (run) => run.session.affected },
  '@@ERROR': { type: INT, read: (run) => run.session.lastError },
  '@@TRANCOUNT': { type: INT, read: (run) => run.session.transactionCount },
  '@@SPID': { type: SMALLINT, read: (run) => run.session.spid },
  '@@IDENTITY': { type: numeric(38, 0), read: (run) => identity(run.session.lastIdentity), nullable: true },
  '@@FETCH_STATUS': { type: INT, read: (run) => run.session.fetchStatus },
  '@@CURSOR_ROWS': { type: INT, read: (run) => run.session.cursorRows },
  '@@NESTLEVEL': { type: INT, read: (run) => run.frame.nestLevel },
  '@@PROCID': { type: INT, read: (run) => run.frame.procedureId },
  '@@LOCK_TIMEOUT': { type: INT, read: (run) => run.session.lockTimeout },
  '@@DATEFIRST': { type: TINYINT, read: (run) => run.session.dateFirst },
  '@@LANGUAGE': { type: nvarchar(128), read: (run) => run.session.language, nullable: true },
  '@@LANGID': { type: SMALLINT, read: () => 0 },
  '@@TEXTSIZE': { type: INT, read: (run) => run.session.textSize },
  '@@OPTIONS': { type: INT, read: (run) => run.session.optionBits },
};

export function compileGlobal(name: string, line: number, scope: Scope): Compiled {
  const known = GLOBALS[name];
  if (known !== undefined)
    return { type: known.type, nullable: known.nullable ?? false, evaluate: (_, run) => known.read(run) };
  const system = scope.env.systemFunction([name]);
  if (system !== undefined)
    return { type: system.type, nullable: true, evaluate: (_, run) => system.evaluate(run.system(), []) };
  throw new SqlError({ number: 137, class: 15, state: 2, text: `Must declare the scalar variable "${name}".`, line });
}
