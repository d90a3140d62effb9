import {
  SqlError,
  type BackupStatement,
  type RestoreStatement,
  type SqlMoment,
  type SqlType,
} from '../../contracts.ts';
import type {
  BackupAst,
  DeviceElement,
  Operand,
  OptionElement,
  RestoreAst,
  RestoreInfoAst,
} from '../../tsql/ast/backup.ts';
import { unsupported } from '../../tsql/errors.ts';
import { completionOf } from '../interpreter/command.ts';
import { Interrupted, type Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { convertValue } from '../types/convert.ts';
import { textOf } from '../types/convert-text.ts';
import { TICKS_PER_DAY } from '../types/moment.ts';
import { DATETIME, INT, nvarchar } from '../types/sqltype.ts';

const DEFAULT_STATS = 10;

export async function executeBackup(statement: BackupAst, run: StatementRun): Promise<Outcome> {
  const options = await Options.read(statement.options, run);
  for (const name of ['PASSWORD', 'MEDIAPASSWORD', 'FILE_SNAPSHOT', 'CREDENTIAL', 'BACKUP_OPTIONS']) {
    if (options.has(name)) throw unsupported(`BACKUP … WITH ${name}`, statement.line);
  }
  const format = options.has('FORMAT');
  const standby = options.text('STANDBY');
  const backup: BackupStatement = {
    kind: statement.target,
    database: await textOperand(statement.database, run),
    devices: await devices(statement.devices, run),
    differential: options.has('DIFFERENTIAL'),
    copyOnly: options.has('COPY_ONLY'),
    init: options.has('INIT'),
    format,
    skip: format || options.has('SKIP'),
    checksum: options.has('CHECKSUM'),
    compression: options.has('COMPRESSION') ? true : options.has('NO_COMPRESSION') ? false : undefined,
    stats: options.has('STATS') ? (options.number('STATS') ?? DEFAULT_STATS) : undefined,
    name: options.text('NAME'),
    description: options.text('DESCRIPTION'),
    mediaName: options.text('MEDIANAME'),
    mediaDescription: options.text('MEDIADESCRIPTION'),
    noRecovery: options.has('NORECOVERY'),
    standby,
    noTruncate: options.has('NO_TRUNCATE'),
    continueAfterError: options.has('CONTINUE_AFTER_ERROR') || options.has('NO_TRUNCATE'),
    expireDate: expiry(options, run),
  };
  if (backup.kind === 'database' && (backup.noRecovery || standby !== undefined || backup.noTruncate)) {
    const option = backup.noRecovery ? 'NORECOVERY' : standby !== undefined ? 'STANDBY' : 'NO_TRUNCATE';
    throw new SqlError({
      number: 3032,
      class: 16,
      state: 2,
      text: `One or more of the options (${option.toLowerCase()}) are not supported for this statement. Review the documentation for supported options.`,
    });
  }
  if (backup.kind === 'log' && backup.differential) {
    throw new SqlError({
      number: 3032,
      class: 16,
      state: 2,
      text: 'One or more of the options (differential) are not supported for this statement. Review the documentation for supported options.',
    });
  }
  await interruptible(run, () => run.session.instance.backup(backup, run.context(completionOf(statement))));
  return {};
}

function expiry(options: Options, run: StatementRun): SqlMoment | undefined {
  const date = options.moment('EXPIREDATE');
  if (date !== undefined) return date;
  const days = options.number('RETAINDAYS');
  return days === undefined ? undefined : { ticks: run.now.ticks + BigInt(days) * TICKS_PER_DAY };
}

export async function executeRestore(statement: RestoreAst, run: StatementRun): Promise<Outcome> {
  const options = await Options.read(statement.options, run);
  for (const name of ['PASSWORD', 'MEDIAPASSWORD', 'PARTIAL', 'CREDENTIAL', 'RESTORE_OPTIONS', 'METADATA_ONLY']) {
    if (options.has(name)) throw unsupported(`RESTORE … WITH ${name}`, statement.line);
  }
  const standby = options.text('STANDBY');
  const mark = options.has('STOPATMARK') ? 'STOPATMARK' : options.has('STOPBEFOREMARK') ? 'STOPBEFOREMARK' : undefined;
  const restore: RestoreStatement = {
    kind: statement.target,
    database: await textOperand(statement.database, run),
    devices: await devices(statement.devices, run),
    position: options.number('FILE'),
    recovery: standby !== undefined ? { standby } : options.has('NORECOVERY') ? 'norecovery' : 'recovery',
    moves: options.pairs('MOVE').map(([logicalName, physicalName]) => ({ logicalName, physicalName })),
    replace: options.has('REPLACE'),
    restart: options.has('RESTART'),
    restrictedUser: options.has('RESTRICTED_USER'),
    checksum: options.has('CHECKSUM') ? true : options.has('NO_CHECKSUM') ? false : undefined,
    continueAfterError: options.has('CONTINUE_AFTER_ERROR'),
    stats: options.has('STATS') ? (options.number('STATS') ?? DEFAULT_STATS) : undefined,
    stopAt: options.moment('STOPAT'),
    stopMark:
      mark === undefined
        ? undefined
        : { name: options.text(mark) ?? '', before: mark === 'STOPBEFOREMARK', after: options.secondMoment(mark) },
  };
  await interruptible(run, () => run.session.instance.restore(restore, run.context(completionOf(statement))));
  return {};
}

export async function executeRestoreInfo(statement: RestoreInfoAst, run: StatementRun): Promise<Outcome> {
  const options = await Options.read(statement.options, run);
  const curCmd = completionOf(statement);
  const { columns, rows } = await interruptible(run, async () =>
    run.session.instance.restoreInfo(
      {
        kind: statement.target,
        devices: await devices(statement.devices, run),
        position: options.number('FILE'),
        checksum: options.has('CHECKSUM') ? true : options.has('NO_CHECKSUM') ? false : undefined,
      },
      run.context(curCmd),
    ),
  );
  if (statement.target === 'verifyonly') return {};
  const { output } = run;
  output.columns(columns);
  for (const row of rows) output.row(row);
  await output.ready();
  run.session.affected = rows.length;
  // The rows end with 230, the statement with a code of its own.
  output.complete({ curCmd: 230, rowCount: rows.length, resultSet: true });
  return { done: { curCmd, resultSet: true } };
}

/** An aborted long statement is an attention, not an error of its own. */
async function interruptible<T>(run: StatementRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (run.signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    if (run.session.request !== undefined) run.session.request.percentComplete = 0;
  }
}

async function devices(elements: readonly DeviceElement[], run: StatementRun): Promise<BackupStatement['devices']> {
  const found: { type: DeviceElement['type']; path: string }[] = [];
  for (const { type, path } of elements) found.push({ type, path: await textOperand(path, run) });
  return found;
}

async function textOperand(operand: Operand, run: StatementRun): Promise<string> {
  const { compiled, value } = await run.evaluate(operand);
  return textOf(value, compiled.type);
}

interface OptionValue {
  readonly name: string;
  readonly value: { readonly type: SqlType; readonly value: Parameters<typeof textOf>[0] } | undefined;
  readonly second: OptionValue['value'];
}

/** The WITH list with its values evaluated. */
class Options {
  readonly #options: readonly OptionValue[];
  readonly #run: StatementRun;

  private constructor(options: readonly OptionValue[], run: StatementRun) {
    this.#options = options;
    this.#run = run;
  }

  static async read(elements: readonly OptionElement[], run: StatementRun): Promise<Options> {
    const evaluate = async (operand: Operand | undefined): Promise<OptionValue['value']> => {
      if (operand === undefined) return undefined;
      const { compiled, value } = await run.evaluate(operand);
      return { type: compiled.type, value };
    };
    const options: OptionValue[] = [];
    for (const { name, value, second } of elements) {
      options.push({ name, value: await evaluate(value), second: await evaluate(second) });
    }
    return new Options(options, run);
  }

  has(name: string): boolean {
    return this.#options.some((option) => option.name === name);
  }

  text(name: string): string | undefined {
    const found = this.#find(name);
    return found === undefined || found.value === null ? undefined : textOf(found.value, found.type);
  }

  number(name: string): number | undefined {
    const found = this.#find(name);
    if (found === undefined) return undefined;
    const value = convertValue(found.value, found.type, INT, this.#run.convert, { explicit: true });
    return value === null ? undefined : Number(value);
  }

  moment(name: string): SqlMoment | undefined {
    return this.#moment(this.#find(name));
  }

  secondMoment(name: string): SqlMoment | undefined {
    return this.#moment(this.#options.find((option) => option.name === name)?.second);
  }

  pairs(name: string): [string, string][] {
    return this.#options
      .filter((option) => option.name === name)
      .map(({ value, second }) => [
        value === undefined ? '' : textOf(value.value, value.type),
        second === undefined ? '' : textOf(second.value, second.type),
      ]);
  }

  /** datetime: more digits of a second than three do not convert. */
  #moment(found: OptionValue['value']): SqlMoment | undefined {
    if (found === undefined || found.value === null) return undefined;
    const type = found.type.name.startsWith('n') ? nvarchar(-1) : found.type;
    return (
      (convertValue(found.value, type, DATETIME, this.#run.convert, { explicit: true }) as SqlMoment | null) ??
      undefined
    );
  }

  #find(name: string): OptionValue['value'] {
    return this.#options.findLast((option) => option.name === name)?.value;
  }
}
