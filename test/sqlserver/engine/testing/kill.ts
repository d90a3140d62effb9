import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { toJson } from '../json.ts';
import type { VictimOrder } from './victim.ts';

const victim = fileURLToPath(new URL('./victim.ts', import.meta.url));

/** Runs a statement in another process and kills that process, with SIGKILL, where the hold says. */
export async function killAt(order: VictimOrder): Promise<void> {
  const child = spawn(process.execPath, [victim, toJson(order)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  try {
    const [line] = (await Promise.race([once(child.stdout, 'data'), ended.then(() => ['ended'])])) as [unknown];
    if (String(line).trim() !== 'reached') throw new Error(`the hold was not reached: ${String(line)} ${errors}`);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
