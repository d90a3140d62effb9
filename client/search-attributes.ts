import { BackupKind, RestorePoint, SqlDatabase, SqlInstance } from '../workflows/search-attributes.ts';

/** As the `temporal` command writes the types. */
const commandTypes = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', DATETIME: 'Datetime' } as const;

/** Search attributes that the server must know before a run can be started. */
export const searchAttributes = [SqlInstance, SqlDatabase, BackupKind, RestorePoint].map(({ name, type }) => ({
  name,
  type,
  commandType: commandTypes[type],
}));

export type SearchAttribute = (typeof searchAttributes)[number];

/** The command with which an administrator registers them. */
export function registerCommand(attributes: readonly SearchAttribute[], namespace: string): string {
  const flags = attributes.map(({ name, commandType }) => `--name ${name} --type ${commandType}`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${flags}`;
}
