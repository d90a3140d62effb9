import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import type { Cluster } from './cluster.ts';
import { run } from './host/command.ts';
import { buildProgram, cachePath, type Program } from './kubernetes/programs.ts';
import { findProgram } from './host/find-program.ts';
import { sayOnStderr, type Say } from './say.ts';
import { startCluster, type StartOptions } from './start.ts';
import { commandLine } from './tools.ts';

/**
 * The cluster that tests run against: the one of KUBECONFIG when that is set, and nothing is built then; else one of our
 * own, which is started, and stopped again by {@link Cluster.stop}, unless it is up already.
 */
export async function usingCluster(options: StartOptions = {}): Promise<Cluster> {
  const given = process.env['KUBECONFIG'];
  return given ? givenCluster(given, options.say ?? sayOnStderr) : startCluster(options);
}

/** Environment variable with the command that puts an archive's image onto a given cluster's nodes. */
const loadVariable = 'CLUSTER_LOAD_IMAGE';

async function givenCluster(kubeconfig: string, say: Say): Promise<Cluster> {
  for (const file of kubeconfig.split(delimiter)) {
    if (!existsSync(file)) throw new Error(`KUBECONFIG names ${file}, which is not there.`);
  }
  const tools = { kubeconfig, folder: cachePath('tools') };
  const kubectl = commandLine({ ...tools, program: await installedOrBuilt('kubectl', say) });
  try {
    await kubectl(['get', '--raw', '/readyz']);
  } catch (error) {
    throw new Error(`The cluster of KUBECONFIG (${kubeconfig}) does not answer.`, { cause: error });
  }
  return {
    kubeconfig,
    kubectl,
    helm: commandLine({ ...tools, program: await installedOrBuilt('helm', say) }),
    async loadImage(archive) {
      const [command, ...args] = (process.env[loadVariable] ?? '').split(' ').filter((word) => word !== '');
      if (command === undefined) {
        throw new Error(`Set ${loadVariable} to a command that loads an image, such as "kind load image-archive".`);
      }
      await run(command, [...args, archive]);
    },
    own: null,
    stop: async () => undefined,
  };
}

async function installedOrBuilt(program: Program, say: Say): Promise<string> {
  return findProgram(program) ?? (await buildProgram(program, say));
}
