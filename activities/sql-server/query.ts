export type SqlValue = string | number | boolean | null;

/** A named statement. Values reach it only as parameters; LSNs and times leave it as text, which keeps all their digits. */
export interface Query<Row, Values extends Readonly<Record<string, SqlValue>>> {
  /** What it does, for the message of a failure: `Read sys.databases`. */
  readonly does: string;
  readonly text: string;
  /** Never set: they only carry the types. */
  readonly row?: Row;
  readonly values?: Values;
}

export type NoValues = Readonly<Record<string, never>>;

export function query<Row, Values extends Readonly<Record<string, SqlValue>> = NoValues>(
  does: string,
  text: string,
): Query<Row, Values> {
  return { does, text };
}
