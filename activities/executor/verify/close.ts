import { join } from 'node:path';
import { filing } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { replaceDurably } from '../io/text.ts';
import { makeFolders } from '../io/durable.ts';
import { layout } from '../store/layout.ts';
import type { Roots } from '../tasks.ts';
import { readJournal, totalsOf, type JournalLine } from './journal.ts';
import type { VerifyTasks } from './tasks.ts';

type Input = VerifyTasks['closeVerify']['input'];
type Output = VerifyTasks['closeVerify']['output'];

const namedFindings = 100;

/** One report of all journals; the next reading removes them. */
export async function closeVerify(input: Input, { store }: Roots): Promise<Output> {
  const { instance, run, startedAt, slices } = input;
  const path = layout.verify(instance, run);
  const folder = await inside(store, path);
  await filing(`make ${folder}`, () => makeFolders(folder));
  const lines: JournalLine[] = [];
  for (let slice = 1; slice <= slices; slice += 1) lines.push(...(await readJournal(store, instance, run, slice)));

  const totals = totalsOf(lines);
  const findings = lines.flatMap((line) => line.findings);
  const folders = lines.filter((line) => 'folder' in line);
  const holes = folders.reduce((sum, line) => sum + line.holes, 0);
  const report = `${path}/report.json`;
  const content = {
    formatVersion: 1,
    instance,
    run,
    startedAt,
    finishedAt: new Date().toISOString(),
    ...totals,
    holes,
    databases: folders.map(({ folder: name, holes: found }) => ({ folder: name, holes: found })),
    findings,
  };
  await replaceDurably(
    join(folder, 'report.json'),
    `${JSON.stringify(content, null, 2)}\n`,
    await inside(store, layout.partials(instance)),
  );
  return { ...totals, report, findings: findings.slice(0, namedFindings), holes };
}
