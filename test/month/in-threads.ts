import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Figures } from './figures.ts';
import type { SimulationOptions } from './simulate.ts';

type Said = { readonly line: string } | { readonly figures: Figures };

/** Some of the time goes into waiting for files: one thread more than there are processors. */
const threads = availableParallelism() + 1;

export async function simulateInThreads({ say, ...options }: SimulationOptions): Promise<Figures> {
  const { instances } = options;
  const parts = Math.min(threads, instances);
  const edges = Array.from({ length: parts + 1 }, (_, i) => Math.round((i * instances) / parts));
  const found = await Promise.all(
    edges.slice(1).map((to, i) => runPart({ ...options, first: edges[i] ?? 0, instances: to - (edges[i] ?? 0) }, say)),
  );
  const figures = new Figures();
  for (const part of found) figures.add(part);
  return figures;
}

function runPart(options: Omit<SimulationOptions, 'say'>, say: SimulationOptions['say']): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./part.ts', import.meta.url), { workerData: options });
    worker.on('message', (said: Said) => ('line' in said ? say?.(said.line) : resolve(said.figures)));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread ended with ${code}`)));
  });
}
