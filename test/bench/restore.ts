import { backUp, restore } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { openWorkload, type Workload } from '../support/workload.ts';
import type { BareTimes } from './bare-restore.ts';
import { makeChains } from './chains.ts';
import { median, seconds } from './median.ts';
import { openRace, type Race } from './race.ts';
import type { Report, Section } from './section.ts';

const target = 'bench-target';
/** restoresAtOnce, when temporal.yaml does not say. */
const productLanes = 4;
const databases = Array.from({ length: 8 }, (_, i) => `db${i + 1}`);

/**
 * From the request to the certificate, against a script that copies and restores one file after the other. The target is there
 * already for both, so that the start of a server is in neither.
 */
export const restoreSection: Section = {
  name: 'restore',
  title: 'end to end, against a bare script with the same T-SQL and copies',
  async run(report, { runs, restoreMegabytes }) {
    const stack = await startStack();
    const source = await openWorkload(stack.source.port, stack.password);
    try {
      await makeTarget(stack, source);
      const sizes = { fullMegabytes: restoreMegabytes, logMegabytes: Math.ceil(restoreMegabytes / 16) };
      const { moment, notes } = await makeChains(stack, source, databases, sizes);
      report.note(
        `each database: a full of ${sizes.fullMegabytes} MB and 3 logs of ${sizes.logMegabytes} MB in the store`,
      );
      await using race = await openRace({ stack, target, moment, notes });
      await compare(report, race, { databases: databases.slice(0, 1), runs, bound: 1.1 });
      await compare(report, race, { databases, runs, bound: 0.6 });
    } finally {
      await source.close();
      await stack.stop();
    }
  },
};

/** Makes the instance, and has the worker load its code. */
async function makeTarget(stack: Stack, source: Workload): Promise<void> {
  await source.create('tiny');
  await backUp(stack, 'full');
  await backUp(stack, 'log');
  await restore(stack, { target, to: 'latest' });
}

interface Comparison {
  readonly databases: readonly string[];
  readonly runs: number;
  readonly bound: number;
}

async function compare(report: Report, race: Race, { databases, runs, bound }: Comparison): Promise<void> {
  const product: number[] = [];
  const script: BareTimes[] = [];
  const inLanes: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    script.push(await race.script(databases, 1));
    product.push(await race.product(databases));
    if (databases.length > 1) inLanes.push((await race.script(databases, productLanes)).total);
  }
  const checked = script.map(({ total }) => total);
  const unchecked = script.map(({ total, checking }) => total - checking);
  const count = databases.length === 1 ? '1 database' : `${databases.length} databases`;
  const ratio = (what: string, of: readonly number[]): void =>
    report.measured({ what: `restore of ${count} / ${what}`, value: median(product) / median(of), unit: '×', bound });
  ratio('script that does not check its copies', unchecked);
  ratio('script that checks its copies', checked);
  report.note(`product ${seconds(product)}; script ${seconds(checked)}`);
  const part = (name: keyof BareTimes): string => median(script.map((times) => times[name])).toFixed(2);
  report.note(`of the script: cp ${part('copying')} s, sha256sum ${part('checking')} s, T-SQL ${part('restoring')} s`);
  if (inLanes.length > 0) {
    const least = (median(inLanes) / median(checked)).toFixed(2);
    report.note(
      `script in ${productLanes} lanes, what server and disk allow: ${seconds(inLanes)}, ${least} × of one lane`,
    );
  }
}
