/** A share of the instances of a month, in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { simulate, type SimulationOptions } from './simulate.ts';

const figures = await simulate({
  ...(workerData as Omit<SimulationOptions, 'say'>),
  say: (line) => parentPort?.postMessage({ line }),
});
parentPort?.postMessage({ figures });
