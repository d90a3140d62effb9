import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findProgram } from '../../cluster/host/find-program.ts';
import { programPath } from '../../cluster/kubernetes/programs.ts';

export interface Forwarded {
  /** On 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

/** A port of something in a cluster, here; works with any cluster. */
export async function forwardPort(
  kubeconfig: string,
  { namespace, target, port }: { readonly namespace: string; readonly target: string; readonly port: number },
): Promise<Forwarded> {
  const args = ['--kubeconfig', kubeconfig, '--namespace', namespace, 'port-forward', target, `:${port}`];
  const child = spawn(findProgram('kubectl') ?? programPath('kubectl'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  for await (const line of createInterface(child.stdout)) {
    const [, local] = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line) ?? [];
    if (local === undefined) continue;
    child.stdout.resume();
    return {
      port: Number(local),
      async close() {
        child.kill();
        await ended;
      },
    };
  }
  throw new Error(`kubectl ${args.join(' ')}: ${complaint}`);
}
