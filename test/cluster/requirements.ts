import { join } from 'node:path';
import { CommandFailed, run } from './host/command.ts';
import { findProgram } from './host/find-program.ts';
import { withLock } from './host/lock.ts';
import { cachePath } from './kubernetes/programs.ts';
import type { Say } from './say.ts';

/** What the cluster is made of beside Kubernetes: a program that shows whether it is there, and the Debian package with it. */
const needed: readonly { readonly program: string; readonly package: string }[] = [
  { program: 'containerd', package: 'containerd' },
  { program: 'runc', package: 'runc' },
  { program: 'etcd', package: 'etcd-server' },
  { program: 'nft', package: 'nftables' },
  { program: 'iptables', package: 'iptables' },
  { program: 'conntrack', package: 'conntrack' },
  { program: 'buildah', package: 'buildah' },
  { program: 'ip', package: 'iproute2' },
  { program: join(cniFolder(), 'ptp'), package: 'containernetworking-plugins' },
];

/** Debian's folder of network plugins. */
export function cniFolder(): string {
  return '/usr/lib/cni';
}

export function mustBeAbleToRunACluster(): void {
  const why =
    process.platform !== 'linux'
      ? `this is ${process.platform}, not Linux`
      : process.getuid?.() !== 0
        ? 'this user is not root'
        : null;
  if (why === null) return;
  throw new Error(
    `A test cluster cannot be started: ${why}. Set KUBECONFIG to a cluster that is there, one of kind's for example.`,
  );
}

/** Installs what is missing, with a word about it. */
export async function installRequirements(say: Say): Promise<void> {
  if (missing().length === 0) return;
  await withLock(cachePath('apt.lock'), async () => {
    const packages = missing();
    if (packages.length === 0) return;
    say(`Installing Debian packages: ${packages.join(' ')}`);
    const apt = (...args: string[]): Promise<string> =>
      run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
    try {
      await apt('update');
      await apt('install', '--yes', '--no-install-recommends', ...packages);
    } catch (error) {
      const reason = error instanceof CommandFailed ? error.message : String(error);
      throw new Error(`The test cluster needs these Debian packages: ${packages.join(' ')}. ${reason}`, {
        cause: error,
      });
    }
    const still = missing();
    if (still.length > 0) throw new Error(`Installed, and yet not found: ${still.join(' ')}`);
  });
}

function missing(): string[] {
  return needed.filter(({ program }) => findProgram(program) === null).map((each) => each.package);
}
