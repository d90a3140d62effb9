/** Rows of each phase in one database. */
export interface PhaseCount {
  readonly database: string;
  /** sys.databases.state_desc */
  readonly state: string;
  readonly phases: Readonly<Record<string, number>>;
}

/** What one runtime rehearsal measured; everything that the decision and the evidence are made of. */
export interface RehearsalFacts {
  readonly source: string;
  readonly target: string;
  readonly databases: readonly string[];
  readonly startedAt: string;
  readonly targetTime: string;
  readonly fullDone: boolean;
  readonly logsDone: number;
  readonly restoreDone: boolean;
  readonly sourceCounts: readonly PhaseCount[];
  readonly targetCounts: readonly PhaseCount[];
  readonly rpoSeconds: number | null;
  readonly rtoJobSeconds: number | null;
  readonly rtoEndToEndSeconds: number | null;
  readonly rpoGoalSeconds: number;
  /** Phases that must be on the target, and those that must not. */
  readonly expected: readonly string[];
  readonly unexpected: readonly string[];
}

export interface Criterion {
  readonly name: string;
  readonly met: boolean;
  readonly found: string;
}

export interface Verdict {
  readonly decision: 'GO' | 'NO-GO';
  readonly criteria: readonly Criterion[];
}

/** The figures of the test run of 2026-02-10 that this rehearsal reproduces. */
export const seedFigures = { rpoSeconds: 99, rtoJobSeconds: 12, rtoEndToEndSeconds: 31 } as const;

/** GO only when every criterion is met; what was not measured is not met. */
export function judge(facts: RehearsalFacts): Verdict {
  const online = facts.targetCounts.filter((each) => each.state === 'ONLINE').length;
  const criteria: Criterion[] = [
    { name: 'Full backup done', met: facts.fullDone, found: facts.fullDone ? 'in the store' : 'missing' },
    { name: 'At least two log backups', met: facts.logsDone >= 2, found: `${facts.logsDone} runs` },
    {
      name: 'Restore done',
      met: facts.restoreDone,
      found: facts.restoreDone ? 'certificate written' : 'no certificate',
    },
    {
      name: 'Target databases ONLINE',
      met: facts.databases.length > 0 && online === facts.databases.length,
      found: `${online} of ${facts.databases.length}`,
    },
    dataCriterion(facts),
    {
      name: `RPO ≤ ${facts.rpoGoalSeconds} s`,
      met: facts.rpoSeconds !== null && facts.rpoSeconds <= facts.rpoGoalSeconds,
      found: facts.rpoSeconds === null ? 'not measured' : `${facts.rpoSeconds} s`,
    },
  ];
  return { decision: criteria.every((criterion) => criterion.met) ? 'GO' : 'NO-GO', criteria };
}

/** Source has every phase once; target has what was committed by the target time and nothing from after it. */
function dataCriterion(facts: RehearsalFacts): Criterion {
  const has = (counts: PhaseCount | undefined, phase: string): number => counts?.phases[phase] ?? 0;
  const wrong: string[] = [];
  for (const database of facts.databases) {
    const source = facts.sourceCounts.find((each) => each.database === database);
    const target = facts.targetCounts.find((each) => each.database === database);
    for (const phase of [...facts.expected, ...facts.unexpected]) {
      if (has(source, phase) !== 1) wrong.push(`${database} source ${phase}=${has(source, phase)}`);
      const wanted = facts.expected.includes(phase) ? 1 : 0;
      if (target === undefined || has(target, phase) !== wanted)
        wrong.push(`${database} target ${phase}=${has(target, phase)}`);
    }
  }
  return {
    name: `Data validated (${facts.unexpected.join(', ') || 'nothing'} not restored)`,
    met: wrong.length === 0,
    found:
      wrong.length === 0
        ? [...facts.expected.map((phase) => `${phase}=1`), ...facts.unexpected.map((phase) => `${phase}=0`)].join(', ')
        : wrong.join('; '),
  };
}

/** 07-metrics-go-no-go.md */
export function metricsMarkdown(facts: RehearsalFacts, verdict: Verdict): string {
  const figure = (value: number | null): string =>
    value === null ? 'not measured' : `${Math.round(value * 10) / 10} s`;
  return [
    '# Metrics and decision',
    '',
    `Source ${facts.source}, target ${facts.target}, started ${facts.startedAt}, target time ${facts.targetTime}.`,
    '',
    '| figure | this run | run of 2026-02-10 |',
    '|---|---:|---:|',
    `| RPO gap (target moment unprotected) | ${figure(facts.rpoSeconds)} | ${seedFigures.rpoSeconds} s |`,
    `| RTO of the job | ${figure(facts.rtoJobSeconds)} | ${seedFigures.rtoJobSeconds} s |`,
    `| RTO end to end (request → verified) | ${figure(facts.rtoEndToEndSeconds)} | ${seedFigures.rtoEndToEndSeconds} s |`,
    '',
    ...verdict.criteria.map((criterion) => `- [${criterion.met ? 'x' : ' '}] ${criterion.name}: ${criterion.found}`),
    '',
    `**${verdict.decision}**`,
    '',
  ].join('\n');
}

/** 06a and 06b: what the tables hold. */
export function countsText(instance: string, counts: readonly PhaseCount[], phases: readonly string[]): string {
  const lines = counts.map(
    (each) =>
      `${each.database}  ${each.state}  ${phases.map((phase) => `${phase}=${each.phases[phase] ?? 0}`).join(', ')}`,
  );
  return [`instance ${instance}`, ...lines, ''].join('\n');
}
