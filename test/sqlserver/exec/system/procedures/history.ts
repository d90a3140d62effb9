import type { SqlMoment, SqlValue, StoredRow, Table, Transaction } from '../../../contracts.ts';
import type { ProcedureContext } from '../contract.ts';
import { raise } from '../errors.ts';
import { procedure } from '../procedure.ts';
import { isMoment, sameName } from '../values.ts';

type Fields = (column: string) => SqlValue;

/** Children before what they point at. */
const historyTables = [
  'restorefile',
  'restorefilegroup',
  'restorehistory',
  'backupfile',
  'backupfilegroup',
  'backupset',
  'backupmediafamily',
  'backupmediaset',
] as const;

class History {
  readonly #transaction: Transaction;
  readonly #tables: ReadonlyMap<string, Table>;

  constructor(transaction: Transaction, tables: ReadonlyMap<string, Table>) {
    this.#transaction = transaction;
    this.#tables = tables;
  }

  *rows(name: (typeof historyTables)[number]): Generator<readonly [StoredRow, Fields]> {
    const table = this.#tables.get(name);
    if (table === undefined) return;
    const { columns } = table.definition;
    for (const row of [...table.rows()]) {
      yield [row, (column) => row.values[columns.findIndex((one) => one.name === column)] ?? null];
    }
  }

  ids(name: (typeof historyTables)[number], column: string, match: (field: Fields) => boolean): Set<SqlValue> {
    return new Set([...this.rows(name)].filter(([, field]) => match(field)).map(([, field]) => field(column)));
  }

  delete(name: (typeof historyTables)[number], match: (field: Fields) => boolean): void {
    const table = this.#tables.get(name);
    if (table === undefined) return;
    for (const [row, field] of this.rows(name)) if (match(field)) this.#transaction.delete(table, row);
  }
}

/** Deletes backup sets, the restores made from them, and media sets that nothing is left on. */
async function deleteHistory(
  context: ProcedureContext,
  isDoomed: (set: Fields) => boolean,
  isDoomedRestore: (restore: Fields) => boolean,
): Promise<void> {
  const msdb = context.instance.database('msdb');
  if (msdb === undefined)
    throw raise(911, 16, 1, "Database 'msdb' does not exist. Make sure that the name is entered correctly.");
  await context.withTransaction(msdb, async (transaction) => {
    const tables = new Map<string, Table>();
    for (const name of historyTables) {
      const table = msdb.table('dbo', name);
      if (table === undefined) continue;
      await transaction.lock(table, 'exclusive', context.signal);
      tables.set(name, table);
    }
    const history = new History(transaction, tables);
    const sets = history.ids('backupset', 'backup_set_id', isDoomed);
    const inSets = (field: Fields): boolean => sets.has(field('backup_set_id'));
    const restores = history.ids(
      'restorehistory',
      'restore_history_id',
      (field) => inSets(field) || isDoomedRestore(field),
    );
    const inRestores = (field: Fields): boolean => restores.has(field('restore_history_id'));
    history.delete('restorefile', inRestores);
    history.delete('restorefilegroup', inRestores);
    history.delete('restorehistory', inRestores);
    history.delete('backupfile', inSets);
    history.delete('backupfilegroup', inSets);
    const media = history.ids('backupset', 'media_set_id', isDoomed);
    history.delete('backupset', isDoomed);
    const kept = history.ids('backupset', 'media_set_id', () => true);
    const isEmpty = (field: Fields): boolean => media.has(field('media_set_id')) && !kept.has(field('media_set_id'));
    history.delete('backupmediafamily', isEmpty);
    history.delete('backupmediaset', isEmpty);
  });
}

const isBefore = (value: SqlValue, limit: SqlMoment): boolean => isMoment(value) && value.ticks < limit.ticks;

export const historyProcedures = [
  procedure({
    name: 'sp_delete_backuphistory',
    onlyIn: 'msdb',
    parameters: '@oldest_date datetime',
    async run(context, args) {
      const oldest = args.value('@oldest_date');
      if (!isMoment(oldest)) return;
      await deleteHistory(
        context,
        (set) => isBefore(set('backup_finish_date'), oldest),
        () => false,
      );
    },
  }),
  procedure({
    name: 'sp_delete_database_backuphistory',
    onlyIn: 'msdb',
    parameters: '@database_name sysname',
    async run(context, args) {
      const name = args.text('@database_name') ?? '';
      const isNamed = (value: SqlValue): boolean => typeof value === 'string' && sameName(value, name);
      await deleteHistory(
        context,
        (set) => isNamed(set('database_name')),
        (restore) => isNamed(restore('destination_database_name')),
      );
    },
  }),
];
