import { backUp, restore } from '../support/runs.ts';
import type { Stack } from '../support/stack.ts';
import type { Workload } from '../support/workload.ts';
import type { BareTimes } from './bare-restore.ts';
import { makeChains } from './chains.ts';
import { median, seconds } from './median.ts';
import { openRace, type Race } from './race.ts';
import type { Report, Section } from './section.ts';
import { withStack } from './with-stack.ts';

const target = 'bench-target';
/** Compressed in the store and staged, twice its size on the source and on the target; and some air. */
const placesAtOnce = 7;
/** restoresAtOnce, when temporal.yaml does not say. */
const productLanes = 4;

/**
 * From the request to the certificate, against a script that copies and restores one file after the other. The target is there
 * already for both, so that the start of a server is in neither.
 */
export const restoreSection: Section = {
  name: 'restore',
  title: 'end to end, against a bare script with the same T-SQL and copies',
  async run(report, { runs, restoreMegabytes }) {
    await withStack(placesAtOnce * 12 * restoreMegabytes * 2 ** 20, async (stack, source) => {
      await makeTarget(stack, source);
      const compare = comparer({ stack, source, report, runs });
      await compare({ databases: ['large'], fullMegabytes: 4 * restoreMegabytes, bound: 1.1 });
      const eight = Array.from({ length: 8 }, (_, i) => `db${i + 1}`);
      await compare({ databases: eight, fullMegabytes: restoreMegabytes, bound: 0.6 });
    });
  },
};

/** Makes the instance, and has the worker load its code. */
async function makeTarget(stack: Stack, source: Workload): Promise<void> {
  await source.create('tiny');
  await backUp(stack, 'full');
  await backUp(stack, 'log');
  await restore(stack, { target, to: 'latest' });
}

interface Site {
  readonly stack: Stack;
  readonly source: Workload;
  readonly report: Report;
  readonly runs: number;
}

interface Comparison {
  readonly databases: readonly string[];
  /** Of each database, as it lies in the store. */
  readonly fullMegabytes: number;
  readonly bound: number;
}

function comparer({ stack, source, report, runs }: Site): (comparison: Comparison) => Promise<void> {
  return async ({ databases, fullMegabytes, bound }) => {
    const sizes = { fullMegabytes, logMegabytes: Math.ceil(fullMegabytes / 16) };
    const chains = await makeChains(stack, source, databases, sizes);
    await using race = await openRace({ stack, target, ...chains });
    const times = await run(race, databases, runs);
    tell(report, times, { databases, fullMegabytes, bound });
  };
}

interface Times {
  readonly product: readonly number[];
  readonly script: readonly BareTimes[];
  readonly inLanes: readonly number[];
}

async function run(race: Race, databases: readonly string[], runs: number): Promise<Times> {
  const times = { product: [] as number[], script: [] as BareTimes[], inLanes: [] as number[] };
  for (let i = 0; i < runs; i += 1) {
    times.script.push(await race.script(databases, 1));
    times.product.push(await race.product(databases));
    if (databases.length > 1) times.inLanes.push((await race.script(databases, productLanes)).total);
  }
  return times;
}

function tell(
  report: Report,
  { product, script, inLanes }: Times,
  { databases, fullMegabytes, bound }: Comparison,
): void {
  const checked = script.map(({ total }) => total);
  const unchecked = script.map(({ total, checking }) => total - checking);
  const many = databases.length === 1 ? '1 database' : `${databases.length} databases`;
  const ratio = (what: string, of: readonly number[]): void =>
    report.measured({ what: `restore of ${many} / ${what}`, value: median(product) / median(of), unit: '×', bound });
  ratio('script that does not check its copies', unchecked);
  ratio('script that checks its copies', checked);
  report.note(`a full of ${fullMegabytes} MB and 3 logs each; product ${seconds(product)}; script ${seconds(checked)}`);
  const part = (name: keyof BareTimes): string => median(script.map((times) => times[name])).toFixed(2);
  report.note(`of the script: cp ${part('copying')} s, sha256sum ${part('checking')} s, T-SQL ${part('restoring')} s`);
  if (inLanes.length === 0) return;
  const least = (median(inLanes) / median(checked)).toFixed(2);
  report.note(
    `script in ${productLanes} lanes, what server and disk allow: ${seconds(inLanes)}, ${least} × of one lane`,
  );
}
