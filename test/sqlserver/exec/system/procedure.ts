import type { SqlType, SqlTypeName, SqlValue } from '../../contracts.ts';
import type { ProcedureContext, SystemParameter, SystemProcedure } from './contract.ts';
import { layout, rowValues, type Row } from './layout.ts';
import { intArg, textArg } from './values.ts';

/** What the caller gave, by parameter name with its @; what was left out and NULL look the same through text and number. */
export class Arguments {
  readonly #given: ReadonlyMap<string, SqlValue>;

  constructor(given: ReadonlyMap<string, SqlValue>) {
    this.#given = given;
  }

  has(name: string): boolean {
    return this.#given.has(name.toLowerCase());
  }

  value(name: string): SqlValue {
    return this.#given.get(name.toLowerCase()) ?? null;
  }

  text(name: string): string | undefined {
    return textArg(this.value(name));
  }

  number(name: string): number | undefined {
    return intArg(this.value(name));
  }
}

/** `@path nvarchar(4000), @result int output, @depth int ?`: `?` marks what may be left out, and so does output. */
function parameters(text: string): readonly SystemParameter[] {
  return [...text.matchAll(/(@\w+) (\w+)(?:\((\d+|max)\))?( output)?( \?)?/g)].map(
    ([, name, typeName, length, output, optional]) => {
      const type: SqlType = {
        name: typeName as SqlTypeName,
        ...(length === undefined ? {} : { length: length === 'max' ? -1 : Number(length) }),
      };
      return {
        name: name as string,
        type: type.name === 'sysname' ? { name: 'nvarchar', length: 128 } : type,
        ...(output === undefined && optional === undefined ? {} : { optional: true }),
        ...(output === undefined ? {} : { output: true }),
      };
    },
  );
}

export interface ProcedureDefinition {
  readonly name: string;
  readonly onlyIn?: string;
  readonly parameters?: string;
  /** Nothing returned means 0. */
  run(context: ProcedureContext, args: Arguments): Promise<number | void>;
}

export function procedure(definition: ProcedureDefinition): SystemProcedure {
  return {
    name: definition.name,
    ...(definition.onlyIn === undefined ? {} : { onlyIn: definition.onlyIn }),
    parameters: parameters(definition.parameters ?? ''),
    run: async (context, args) => (await definition.run(context, new Arguments(args))) ?? 0,
  };
}

/** Sends rows by column name; `columns` is read as those of a view are. */
export async function sendRows(context: ProcedureContext, columns: string, rows: Iterable<Row>): Promise<void> {
  const parsed = layout(columns);
  await context.resultSet(
    parsed.map(({ fallback: _fallback, ...column }) => column),
    (function* () {
      for (const row of rows) yield rowValues(parsed, row);
    })(),
  );
}
