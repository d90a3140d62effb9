import { Command } from 'commander';
import type { WantedImages } from '../../support/cluster/images.ts';

export interface ClusterE2EOptions {
  /** Leave everything running to look at. */
  readonly keep: boolean;
  readonly rpoGoal: number;
  readonly namespace: string;
  readonly images: WantedImages;
  /** By which pods reach this machine; known for a cluster of our own. */
  readonly hostAddress: string | null;
}

interface Flags {
  readonly keep: boolean;
  readonly rpoGoal: number;
  readonly namespace: string;
  readonly image?: string;
  readonly sqlImage?: string;
  readonly acceptEula: boolean;
  readonly hostAddress?: string;
}

export function readOptions(argv: readonly string[]): ClusterE2EOptions {
  const program = new Command('npm run e2e:cluster --')
    .description(
      'The rehearsal on Kubernetes: both charts installed with Helm, the worker as a Deployment. Takes the cluster of KUBECONFIG; without one, makes a cluster on this machine (Linux, root) and ends it again.',
    )
    .option('--keep', 'leave everything running to look at, until Ctrl-C', false)
    .option('--rpo-goal <seconds>', 'largest RPO that is still GO', Number, 300)
    .option('--namespace <name>', 'is made, and removed again', 'dbaas-mssql-rt')
    .option('--image <name>', 'of worker and executor, that the cluster has or can pull; built and loaded when absent')
    .option('--sql-image <name>', 'a real SQL Server, such as mcr.microsoft.com/mssql/server:2022-latest')
    .option('--accept-eula', 'you accept the licence terms of that image', false)
    .option('--host-address <address>', 'by which pods of the given cluster reach this machine')
    .addHelpText('after', '\nExit code 0 on GO, 1 on NO-GO or failure, 130 when interrupted.');
  const flags = program.parse([...argv], { from: 'user' }).opts<Flags>();
  if (!(flags.rpoGoal > 0)) program.error('--rpo-goal must be a number of seconds');
  if (flags.sqlImage !== undefined && !flags.acceptEula) program.error('--sql-image needs --accept-eula');
  if (process.env['KUBECONFIG'] && flags.hostAddress === undefined) {
    program.error(
      '--host-address is needed with KUBECONFIG: on Linux the gateway of the cluster’s network (kind: docker network inspect kind), with Docker Desktop host.docker.internal',
    );
  }
  const { keep, rpoGoal, namespace, image, sqlImage, hostAddress = null } = flags;
  return {
    keep,
    rpoGoal,
    namespace,
    images: {
      ...(image === undefined ? {} : { worker: image }),
      ...(sqlImage === undefined ? {} : { server: sqlImage }),
    },
    hostAddress,
  };
}
