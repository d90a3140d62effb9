import { SqlError, type SqlValue } from '../../contracts.ts';
import type { SetOptionStatement } from '../../tsql/ast/control.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { textOf } from '../types/convert-text.ts';
import { resolveTable } from '../write/target.ts';

const LEVELS: Readonly<Record<string, number>> = {
  'READ UNCOMMITTED': 1,
  'READ COMMITTED': 2,
  'REPEATABLE READ': 3,
  SERIALIZABLE: 4,
  SNAPSHOT: 5,
};

/** Options whose other setting would change results in ways this server does not have. */
const FIXED_ON = new Set(['ANSI_NULLS', 'CONCAT_NULL_YIELDS_NULL']);

export async function executeSetOption(statement: SetOptionStatement, run: StatementRun): Promise<Outcome> {
  for (const option of statement.options) await setOption(option, statement, run);
  return { done: { curCmd: statement.value === false ? 186 : 185 } };
}

async function setOption(option: string, statement: SetOptionStatement, run: StatementRun): Promise<void> {
  const { session } = run;
  const { settings } = session;
  const { value } = statement;
  if (typeof value === 'boolean') {
    if (option === 'IDENTITY_INSERT') return setIdentityInsert(statement, run);
    if (FIXED_ON.has(option) && !value) throw unsupported(`SET ${option} OFF`, statement.line);
    if (value && (option.startsWith('SHOWPLAN') || option === 'PARSEONLY'))
      throw unsupported(`SET ${option} ON`, statement.line);
    settings.options.set(option, value);
    if (option === 'ANSI_DEFAULTS') {
      for (const name of ['ANSI_NULLS', 'ANSI_NULL_DFLT_ON', 'ANSI_PADDING', 'ANSI_WARNINGS', 'QUOTED_IDENTIFIER'])
        settings.options.set(name, value);
    }
    return;
  }
  let given: SqlValue = null;
  let written = '';
  if (typeof value === 'string') {
    written = value;
  } else {
    const result = await run.evaluate(value);
    given = result.value;
    written = textOf(given, result.compiled.type);
  }
  switch (option) {
    case 'TRANSACTION ISOLATION LEVEL':
      settings.isolationLevel = LEVELS[written] ?? 2;
      return;
    case 'DATEFORMAT':
      settings.setDateFormat(written);
      return;
    case 'DATEFIRST':
      settings.setDateFirst(Number(given));
      return;
    case 'LANGUAGE': {
      const previous = settings.language;
      const language = settings.setLanguage(written);
      session.languageChanged(language, previous);
      run.message({ number: 5703, class: 0, state: 1, text: `Changed language setting to ${language}.` });
      return;
    }
    case 'TEXTSIZE':
      settings.textSize = textSize(Number(given));
      return;
    case 'LOCK_TIMEOUT':
      settings.lockTimeout = Number(given);
      return;
    case 'ROWCOUNT':
      settings.rowLimit = Number(given);
      return;
    case 'CONTEXT_INFO': {
      const padded = new Uint8Array(128);
      if (given instanceof Uint8Array) padded.set(given.slice(0, 128));
      session.contextInfo = padded;
      return;
    }
    case 'DEADLOCK_PRIORITY':
    case 'QUERY_GOVERNOR_COST_LIMIT':
      return;
    default:
      throw unsupported(`SET ${option}`, statement.line);
  }
}

/** 0 and -1 mean the largest; smaller sizes would cut values, which this server does not do. */
function textSize(size: number): number {
  return size <= 0 ? 2_147_483_647 : size;
}

function setIdentityInsert(statement: SetOptionStatement, run: StatementRun): void {
  const { session } = run;
  const { table: name } = statement;
  if (name === undefined) return;
  const target = run.compile(() => resolveTable(name, statement.line, run, undefined));
  const table = target.table(run);
  if (!target.definition.columns.some((column) => column.identity !== undefined)) {
    throw new SqlError({
      number: 8106,
      class: 16,
      state: 1,
      text: `Table '${name.name}' does not have the identity property. Cannot perform SET operation.`,
    });
  }
  const on = session.identityInsert;
  if (statement.value === false) {
    if (on?.table === table) session.identityInsert = undefined;
    return;
  }
  if (on !== undefined && on.table !== table) {
    throw new SqlError({
      number: 8107,
      class: 16,
      state: 1,
      text: `IDENTITY_INSERT is already ON for table '${on.name}'. Cannot perform SET operation for table '${name.name}'.`,
    });
  }
  const { schema } = target.definition;
  session.identityInsert = { table, name: `${target.databaseName}.${schema}.${target.definition.name}` };
}
