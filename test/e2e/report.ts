import { styleText } from 'node:util';
import { table } from '../../client/show/table.ts';
import { seedFigures } from '../../workflows/domain/rehearsal.ts';
import type { RehearsalResult } from '../../workflows/runtime-e2e.ts';

/** What a person reads at the end: criteria, figures beside those of the run that this one reproduces, decision, evidence. */
export function reportText(result: RehearsalResult, evidence: string, width: number): string {
  const { facts } = result;
  const criteria = result.criteria.map(({ met, name, found }) => [met ? '✔' : '✘', name, found]);
  const figures = [
    ['RPO gap: target moment unprotected', seconds(facts.rpoSeconds), seconds(seedFigures.rpoSeconds)],
    ['RTO of the job', seconds(facts.rtoJobSeconds), seconds(seedFigures.rtoJobSeconds)],
    ['RTO end to end, request → verified', seconds(facts.rtoEndToEndSeconds), seconds(seedFigures.rtoEndToEndSeconds)],
  ];
  const decision = styleText(['bold', result.decision === 'GO' ? 'green' : 'red'], result.decision, {
    stream: process.stdout,
  });
  return [
    '',
    table(['', 'criterion', 'found'], criteria, width),
    table(['figure', 'this run', 'run of 2026-02-10'], figures, width),
    '',
    `Target time  ${facts.targetTime}`,
    `Evidence     ${evidence}`,
    `Decision     ${decision}`,
    '',
  ].join('\n');
}

function seconds(value: number | null): string {
  return value === null ? 'not measured' : `${value.toFixed(Number.isInteger(value) ? 0 : 1)} s`;
}
