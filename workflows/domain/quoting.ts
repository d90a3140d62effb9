/** Delimited identifier; QUOTENAME (Transact-SQL) doubles the closing bracket in the same way. */
export function quoteName(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** Unicode string literal; Constants (Transact-SQL): a quote inside is written twice. */
export function quoteString(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}
