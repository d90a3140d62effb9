import { SqlError } from '../../contracts.ts';
import type { CreateModuleStatement } from '../../tsql/ast/procedure.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { nameText } from '../query/planner.ts';
import { renamed } from '../query/access.ts';
import { planQuery } from '../query/query.ts';
import { requirePermission } from './tables.ts';

/** CREATE, ALTER and CREATE OR ALTER of views and procedures: their text is what is kept. */
export async function executeCreateModule(statement: CreateModuleStatement, run: StatementRun): Promise<Outcome> {
  const { module, mode, name } = statement;
  const { catalog } = run.session;
  if (name.database !== undefined) {
    throw new SqlError({
      number: 166,
      class: 15,
      state: 1,
      text: `'CREATE/ALTER ${module === 'view' ? 'VIEW' : 'PROCEDURE'}' does not allow specifying the database name as a prefix to the object name.`,
    });
  }
  const database = catalog.current;
  requirePermission(run, database, module === 'view' ? 'CREATE VIEW' : 'CREATE PROCEDURE');
  const schema = name.schema ?? catalog.defaultSchema;
  const existing = database.object(schema, name.name);
  const taken =
    database.table(schema, name.name) !== undefined ||
    (existing !== undefined && (mode === 'create' || existing.kind !== module));
  if (taken) {
    throw new SqlError({
      number: 2714,
      class: 16,
      state: 3,
      text: `There is already an object named '${name.name}' in the database.`,
    });
  }
  if (mode === 'alter' && existing === undefined) {
    throw new SqlError({ number: 208, class: 16, state: 6, text: `Invalid object name '${nameText(name)}'.` });
  }
  if (module === 'view') checkView(statement, run);
  run.checkWritable();
  run.unit.writer(database).putObject({ kind: module, schema, name: name.name, text: statement.text });
  return { done: { curCmd: module === 'view' ? 207 : 222 } };
}

/** A view must be plannable when it is created; a procedure is looked at when it runs. */
function checkView(statement: CreateModuleStatement, run: StatementRun): void {
  const [body] = statement.body;
  if (body?.kind !== 'select') return;
  const { query } = body;
  run.compile(() => {
    if (
      query.orderBy.length > 0 &&
      query.offset === undefined &&
      !(query.body.kind === 'select' && query.body.top !== undefined)
    ) {
      throw new SqlError({
        number: 1033,
        class: 15,
        state: 1,
        text: 'The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.',
      });
    }
    const plan = planQuery(query, run.planner().forView(run.session.catalog.current), undefined);
    try {
      renamed(plan.columns, statement.columns, statement.name.name, statement.line);
    } catch (error) {
      if (!(error instanceof SqlError) || error.messages[0]?.number !== 8155) throw error;
      throw new SqlError({
        number: 4511,
        class: 16,
        state: 1,
        text: `Create View or Function failed because no column name was specified for column ${/column (\d+)/.exec(error.messages[0].text)?.[1] ?? '1'}.`,
      });
    }
  });
}
