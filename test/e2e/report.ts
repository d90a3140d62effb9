import { styleText } from 'node:util';
import Table from 'cli-table3';
import { seedFigures } from '../../workflows/domain/rehearsal.ts';
import type { RehearsalResult } from '../../workflows/runtime-e2e.ts';

/** What a person reads at the end: criteria, figures beside those of the run that this one reproduces, decision, evidence. */
export function reportText(result: RehearsalResult, evidence: string, width: number): string {
  const { facts } = result;
  const criteria = new Table({
    head: ['', 'criterion', 'found'],
    wordWrap: true,
    colWidths: [4, 38, Math.max(20, Math.min(width, 110) - 46)],
  });
  for (const criterion of result.criteria) criteria.push([criterion.met ? '✔' : '✘', criterion.name, criterion.found]);
  const figures = new Table({
    head: ['figure', 'this run', 'run of 2026-02-10'],
    colAligns: ['left', 'right', 'right'],
  });
  figures.push(
    ['RPO gap: target moment unprotected', seconds(facts.rpoSeconds), seconds(seedFigures.rpoSeconds)],
    ['RTO of the job', seconds(facts.rtoJobSeconds), seconds(seedFigures.rtoJobSeconds)],
    ['RTO end to end, request → complete', seconds(facts.rtoEndToEndSeconds), seconds(seedFigures.rtoEndToEndSeconds)],
  );
  const decision = result.decision === 'GO' ? styleText(['bold', 'green'], 'GO') : styleText(['bold', 'red'], 'NO-GO');
  return [
    '',
    criteria.toString(),
    figures.toString(),
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
