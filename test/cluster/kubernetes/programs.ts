import { join } from 'node:path';
import { cached, cacheFolder } from '../../../worker/dev/cache.ts';
import { run } from '../host/command.ts';
import { timed, type Say } from '../say.ts';

export const kubernetesVersion = '1.34.4';

/** Built from this folder's module, whose go.sum says what goes in. */
const kubernetesPrograms = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
] as const;

/** Modules of their own: their main package and version. */
const otherPrograms = {
  helm: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
  coredns: 'github.com/coredns/coredns@v1.14.4',
} as const;

export type Program = (typeof kubernetesPrograms)[number] | keyof typeof otherPrograms;

/** In this user's cache, beside other things that the project fetches and builds. */
export function cachePath(...path: readonly string[]): string {
  return join(cacheFolder(process.env), '..', ...path);
}

export function programPath(name: Program): string {
  return cachePath(`kubernetes-${kubernetesVersion}`, name);
}

/** Builds what is not in the cache; callers at the same time wait for the one that builds. */
export async function buildPrograms(say: Say): Promise<void> {
  for (const name of [...kubernetesPrograms, ...(Object.keys(otherPrograms) as Program[])])
    await buildProgram(name, say);
}

export function buildProgram(name: Program, say: Say): Promise<string> {
  return cached({
    path: programPath(name),
    waiting: (pid) => say(`Process ${pid} is building ${name}: waiting for it`),
    make: async (folder) => {
      const first = name === 'kube-apiserver' ? ' (the first time on a machine: up to ten minutes for all)' : '';
      await timed(say, `Building ${name} with Go${first}`, () => build(name, folder));
      return join(folder, name);
    },
  });
}

async function build(name: Program, folder: string): Promise<void> {
  if (name in otherPrograms) {
    await go(['install', otherPrograms[name as keyof typeof otherPrograms]], { GOBIN: folder });
    return;
  }
  const flags = `-s -w -X k8s.io/component-base/version.gitVersion=v${kubernetesVersion}`;
  await go(['build', '-trimpath', '-ldflags', flags, '-o', join(folder, name), `k8s.io/kubernetes/cmd/${name}`]);
}

async function go(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  try {
    await run('go', args, { cwd: import.meta.dirname, env: { GOWORK: 'off', ...env } });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('The test cluster is built with Go 1.24 or later, and there is no `go` here.', { cause: error });
  }
}
