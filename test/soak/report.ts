import { table } from '../../client/show/table.ts';
import type { Recovery } from './kills.ts';
import type { Proof } from './proof.ts';
import type { Sample } from './exposure.ts';

export interface SoakFacts {
  readonly limitMs: number;
  readonly databases: number;
  readonly minutes: number;
  readonly seed: number;
  readonly startMs: number;
  readonly rows: number;
  readonly runs: Readonly<Record<string, number>>;
  readonly logs: number;
  readonly samples: readonly Sample[];
  readonly recoveries: readonly Recovery[];
  /** What is wrong with the chains; null when nothing is. */
  readonly chains: string | null;
  readonly proof: Proof;
}

export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
}

export function judge(facts: SoakFacts): Check[] {
  const { recoveries, proof, chains, limitMs, runs } = facts;
  const late = recoveries.filter(({ backAfterMs }) => backAfterMs === null);
  const slowest = Math.max(0, ...recoveries.map(({ backAfterMs }) => backAfterMs ?? 0));
  const ended = Object.entries(runs).map(([state, count]) => `${count} ${state.toLowerCase()}`);
  return [
    { what: 'no hole in any chain', ok: chains === null, found: chains ?? `${facts.logs} logs follow each other` },
    {
      what: `exposure back under ${limitMs / 1000} s after each kill`,
      ok: recoveries.length > 0 && late.length === 0,
      found: `${recoveries.length} kills; ${late.length > 0 ? `${late.length} never` : `at the latest ${seconds(slowest)} after it`}`,
    },
    {
      what: `every row committed up to ${proof.targetTime}, and no other`,
      ok: proof.wrong.length === 0 && proof.rows > 0,
      found: proof.wrong[0] ?? `${proof.rows} rows compared, ${proof.inFlight} databases with a row in flight`,
    },
    {
      what: 'every scheduled run completed',
      ok: Object.keys(runs).every((state) => state === 'COMPLETED'),
      found: ended.join(', '),
    },
  ];
}

export function reportText(facts: SoakFacts, checks: readonly Check[]): string {
  const { startMs, recoveries, samples, proof } = facts;
  const kills = recoveries.map(({ kill, peakMs, backAfterMs }, i) => [
    String(i + 1),
    seconds(kill.atMs - startMs),
    kill.inRun ? 'in a run' : 'between runs',
    seconds(kill.replacedMs - kill.atMs),
    seconds(peakMs),
    backAfterMs === null ? 'never' : backAfterMs === 0 ? 'never over' : seconds(backAfterMs),
  ]);
  const sorted = samples.map(({ exposureMs }) => exposureMs).toSorted((a, b) => a - b);
  const at = (share: number): string => seconds(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  const under = sorted.filter((ms) => ms < facts.limitMs).length / sorted.length;
  return [
    `${facts.databases} databases, ${facts.minutes} min, ${facts.rows} rows committed, seed ${facts.seed}`,
    table(['kill', 'at', 'came', 'replaced in', 'worst exposure', `under ${facts.limitMs / 1000} s after`], kills, 100),
    `exposure of the worst database: median ${at(0.5)}, 95 % ${at(0.95)}, worst ${at(1)}; ${(under * 100).toFixed(1)} % of the time under ${facts.limitMs / 1000} s`,
    `restore to ${proof.targetTime} took ${proof.seconds.toFixed(1)} s`,
    table(
      ['', 'check', 'found'],
      checks.map(({ ok, what, found }) => [ok ? '✔' : '✘', what, found]),
      100,
    ),
    ...proof.wrong,
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
