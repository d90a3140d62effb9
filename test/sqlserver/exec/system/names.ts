/** Splits `db.schema.[object.name]` at its dots; undefined when it is not a name of one to four parts. */
export function nameParts(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  let rest = text.trim();
  for (;;) {
    const match = /^\s*(?:\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^.[\]"]*))\s*(\.|$)/.exec(rest);
    if (!match) return undefined;
    const [whole, bracketed, quoted, plain, separator] = match;
    parts.push(bracketed?.replaceAll(']]', ']') ?? quoted?.replaceAll('""', '"') ?? (plain ?? '').trim());
    if (separator === '') break;
    rest = rest.slice(whole.length);
  }
  return parts.length > 4 || parts.at(-1) === '' ? undefined : parts;
}

export interface ObjectName {
  readonly database?: string;
  readonly schema?: string;
  readonly name: string;
}

/** A part left empty (`db..t`) is one left out. */
export function objectName(text: string): ObjectName | undefined {
  const parts = nameParts(text);
  if (parts === undefined) return undefined;
  const [name, schema, database] = parts.toReversed();
  return {
    name: name as string,
    ...(schema === undefined || schema === '' ? {} : { schema }),
    ...(database === undefined || database === '' ? {} : { database }),
  };
}
