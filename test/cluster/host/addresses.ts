import { run } from './command.ts';
import { networkInterfaces } from 'node:os';

/** One private /16 for everything: `10.<n>`. */
export interface Addresses {
  readonly n: number;
  readonly bridge: string;
  /** This machine's address on the bridge: the API server, DNS, and whatever tests offer to pods. */
  readonly gateway: string;
  readonly bridgeSubnet: string;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  /** Of the service `kubernetes`. */
  readonly apiService: string;
}

export function addresses(n: number): Addresses {
  return {
    n,
    bridge: `pitr${n}`,
    gateway: `10.${n}.0.1`,
    bridgeSubnet: `10.${n}.0.0/24`,
    podSubnet: `10.${n}.64.0/18`,
    serviceSubnet: `10.${n}.128.0/17`,
    apiService: `10.${n}.128.1`,
  };
}

export interface NodeAddresses {
  readonly address: string;
  readonly podSubnet: string;
  readonly link: string;
}

/** @param index from 1 */
export function nodeAddresses({ n, bridge }: Addresses, index: number): NodeAddresses {
  return { address: `10.${n}.0.${10 + index}`, podSubnet: `10.${n}.${64 + index}.0/24`, link: `${bridge}n${index}` };
}

/** Those `n` of which no address and no route of this machine is part. */
export function freeNumbers(taken: readonly string[], from = 231, to = 250): number[] {
  const used = new Set(taken.map((address) => /^10\.(\d+)\./.exec(address)?.[1]));
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((n) => !used.has(String(n)));
}

export async function takenAddresses(): Promise<string[]> {
  const own = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
  const routes = JSON.parse(await run('ip', ['-json', '-4', 'route', 'show', 'table', 'all'])) as { dst?: string }[];
  return [...own, ...routes.flatMap(({ dst }) => dst ?? [])];
}
