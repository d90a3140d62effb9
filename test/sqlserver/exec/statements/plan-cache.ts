import type { Statement } from '../../tsql/ast/statement.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import type { Dependency } from '../query/planner.ts';

interface CachedPlan {
  readonly database: object;
  readonly schema: string;
  /** Parameters come from outside of the batch: their types are part of the plan. */
  readonly types: string;
  readonly dependencies: readonly Dependency[];
  readonly plan: unknown;
}

const PLANS = new WeakMap<Statement, CachedPlan>();

/** The statement's plan of an earlier execution when everything it names is still the same. */
export function cachedPlan<T extends { readonly dependencies: readonly Dependency[] }>(
  statement: Statement,
  run: StatementRun,
  make: () => T,
): T {
  const { catalog } = run.session;
  const database = catalog.current;
  const schema = catalog.defaultSchema;
  const types = typesOf(run);
  const known = PLANS.get(statement);
  if (
    known !== undefined &&
    known.database === database &&
    known.schema === schema &&
    known.types === types &&
    known.dependencies.every((dependency) => dependency.stillValid(catalog))
  ) {
    return known.plan as T;
  }
  const plan = run.compile(make);
  PLANS.set(statement, { database, schema, types, dependencies: plan.dependencies, plan });
  return plan;
}

function typesOf(run: StatementRun): string {
  const { activation } = run;
  if (activation.variables.size === activation.declarations.scalars.size) return '';
  let text = '';
  for (const [name, { type }] of activation.variables) {
    text += `${name}:${type.name}(${type.length ?? ''},${type.precision ?? ''},${type.scale ?? ''});`;
  }
  return text;
}
