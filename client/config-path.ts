import { resolve } from 'node:path';

export interface ConfigLocation {
  /** From `--config`. */
  readonly path?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Which file holds the settings: `--config`, else MSSQL_PITR_CONFIG, else temporal.yaml in the current folder. */
export function configPath({ path, env = process.env, cwd = process.cwd() }: ConfigLocation): {
  readonly path: string;
  /** False when nobody named the file. */
  readonly named: boolean;
} {
  const given = path ?? (env['MSSQL_PITR_CONFIG'] || undefined);
  return { path: resolve(cwd, given ?? 'temporal.yaml'), named: given !== undefined };
}
