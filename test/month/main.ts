import { parseArgs } from 'node:util';
import { simulateInThreads } from './in-threads.ts';

/** A month of two hundred instances: `npm run test:month`, with other sizes by --instances, --databases, --days, --on-disk, --seed. */
const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '200' },
    databases: { type: 'string', default: '12' },
    days: { type: 'string', default: '30' },
    'on-disk': { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const options = {
  seed: Number(values.seed),
  instances: Number(values.instances),
  databases: Number(values.databases),
  days: Number(values.days),
  onDisk: Number(values['on-disk']),
};
console.log(
  `seed ${options.seed}: ${options.instances} instances of ${options.databases} databases, ${options.days} days`,
);
const started = performance.now();
const figures = await simulateInThreads({ ...options, say: (line) => console.log(line) });
console.log(JSON.stringify(figures, null, 2));
console.log(`no contradiction in ${((performance.now() - started) / 1000).toFixed(0)} s`);
