import { parseArgs } from 'node:util';
import { kubeconfigFile } from './control-plane/credentials.ts';
import { withLock } from './host/lock.ts';
import { isUsable } from './ready.ts';
import { defaultName, startCluster } from './start.ts';
import { clusterNames, clusterPlace, lockFile } from './state.ts';
import { stopCluster } from './stop.ts';

const usage = `node test/cluster/main.ts up [--nodes 1] | down | status | kubeconfig   [--name ${defaultName}]

  up          starts a Kubernetes cluster on this machine (Linux, root) and leaves it running
  down        ends it; nothing but its logs stays
  status      tells which clusters there are, and whether they can be used
  kubeconfig  prints the path of its kubeconfig: export KUBECONFIG="$(node test/cluster/main.ts kubeconfig)"`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { nodes: { type: 'string', default: '1' }, name: { type: 'string', default: defaultName } },
});
const place = clusterPlace(values.name);

const down = (): Promise<void> => withLock(lockFile(place.name), () => stopCluster(place));

async function up(): Promise<void> {
  const { kubeconfig } = await startCluster({ name: place.name, nodes: Number(values.nodes), temporary: false });
  console.log(`export KUBECONFIG=${kubeconfig}`);
}

async function status(): Promise<void> {
  const names = await clusterNames();
  for (const name of names) {
    const each = clusterPlace(name);
    const state = each.read();
    if (state === null) console.log(`${name}: down`);
    else console.log(`${name}: ${(await isUsable(each, state)) ? 'up' : 'broken'}, ${state.nodes.length} node(s)`);
  }
  if (names.length === 0) console.log('There is no cluster.');
}

function kubeconfig(): void {
  if (place.read() === null) throw new Error(`There is no cluster ${place.name}.`);
  console.log(kubeconfigFile(place, 'admin'));
}

const commands: Readonly<Record<string, () => void | Promise<void>>> = { up, down, status, kubeconfig };

try {
  const command = commands[positionals[0] ?? ''];
  if (command === undefined || positionals.length !== 1) throw new Error(usage);
  await command();
} catch (error) {
  console.error(describe(error));
  process.exitCode = 1;
}

function describe(error: unknown): string {
  const { message, cause } = error as Error;
  return cause === undefined || cause === null ? message : `${message}\n${describe(cause)}`;
}
