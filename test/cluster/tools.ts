import { join } from 'node:path';
import { run } from './host/command.ts';

export interface CommandLineOptions {
  readonly program: string;
  readonly kubeconfig: string;
  /** An address that is reached without the proxy that the environment may name. */
  readonly direct?: string;
  /** For what the programs keep between calls; not in the user's own folders. */
  readonly folder: string;
}

/** kubectl or helm, for one cluster. */
export function commandLine({ program, kubeconfig, direct, folder }: CommandLineOptions) {
  const noProxy = [process.env['NO_PROXY'] ?? process.env['no_proxy'], direct].filter((each) => each).join(',');
  const env = {
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: join(folder, 'kubectl'),
    HELM_CACHE_HOME: join(folder, 'helm', 'cache'),
    HELM_CONFIG_HOME: join(folder, 'helm', 'config'),
    HELM_DATA_HOME: join(folder, 'helm', 'data'),
  };
  return (args: readonly string[], input?: string): Promise<string> =>
    run(program, args, { env, ...(input === undefined ? {} : { input }) });
}
