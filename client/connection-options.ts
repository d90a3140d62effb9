import { loadClientConnectConfig } from '@temporalio/envconfig';

export type ConnectionTarget = ReturnType<typeof connectionTarget>;

/**
 * Where Temporal is and how to get in: TEMPORAL_* variables, then temporal.toml, then localhost:7233 and namespace
 * `default`. The same rules and the same file as the `temporal` command's, so both always mean the same server.
 */
export function connectionTarget() {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const address = connectionOptions.address ?? 'localhost:7233';
  return { address, namespace: namespace ?? 'default', options: { ...connectionOptions, address } };
}
