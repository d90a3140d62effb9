import { randomBytes } from 'node:crypto';
import { safeName } from '../../../workflows/domain/naming.ts';
import type { RetainedDatabase } from '../../../workflows/contracts.ts';
import { failure } from '../../failure.ts';
import { isManifest, openFolder, orProblem, readManifests } from '../store/catalogue.ts';
import { selectDatabases } from '../store/select-databases.ts';
import { verdictName } from '../store/verdict.ts';
import type { Roots, TaskControl } from '../tasks.ts';
import { decide, type DecidedSet, type Decision } from './decide.ts';
import { finishRetention } from './finish.ts';
import { journalsOf, openBin, removeBin, type Journal } from './journal.ts';
import { freeLease } from './lease.ts';
import { readProtections } from './protections.ts';
import { removeSets, TakenOver } from './remove-sets.ts';
import { reportOf, summary, writeReport, type ReportedDatabase } from './report.ts';
import type { RetentionTasks } from './tasks.ts';

type Input = RetentionTasks['retain']['input'];

const mostTries = 5;

/** Removes what the policy lets go of, one database after the other. */
export async function retain(
  input: Input,
  { store }: Roots,
  control: TaskControl,
): Promise<RetentionTasks['retain']['output']> {
  const { instance, mode, endedLeases } = input;
  const applies = mode === 'apply';
  const finished = applies ? await finishRetention(store, instance) : { sets: 0, problems: [] };
  if (applies) for (const restoreId of endedLeases) await freeLease({ instance, restoreId }, { store });
  const selected = await selectDatabases(store, instance, input.databases);
  const { databases } = selected;
  const problems = [...finished.problems, ...selected.problems.map(({ message }) => message)];
  const retained: RetainedDatabase[] = [];
  const reported: ReportedDatabase[] = [];
  for (const [index, database] of databases.entries()) {
    control.signal.throwIfAborted();
    control.progress({ file: database, doneBytes: index, totalBytes: databases.length });
    const work = () => (applies ? apply(input, store, database) : decideNow(input, store, database));
    const decision = await orProblem(database, work);
    if (decision === null) continue;
    if ('message' in decision) {
      problems.push(decision.message);
      continue;
    }
    retained.push(summary(decision));
    if (applies) reported.push(reportOf(decision));
  }
  const report = applies ? await writeReport(store, input, reported) : null;
  return { databases: retained, finished: finished.sets, report, problems };
}

async function decideNow(input: Input, store: string, database: string): Promise<Decision | null> {
  const { instance, policy, nowMs, endedLeases } = input;
  const protections = await readProtections(store, instance, endedLeases);
  return decide({ store, instance, database, policy, nowMs, protections });
}

/**
 * The order of these steps is what a restore relies on; see docs/retention.md. The journal is there before leases and holds are
 * read for the last time, and a restore's lease is there before it reads journals: one of the two sees the other.
 */
async function apply(input: Input, store: string, database: string): Promise<Decision | null> {
  const { instance, run, endedLeases } = input;
  for (let tries = 1; ; tries += 1) {
    const decision = await decideNow(input, store, database);
    const doomed = (decision?.sets ?? []).filter(({ keptFor }) => keptFor === null).sort(basesFirst);
    if (decision === null || doomed.length === 0) return decision;

    const name = `${safeName(run)}~${randomBytes(6).toString('hex')}`;
    const bin = await openBin(store, instance, name);
    const journals = journalsOf(store, instance);
    const journal = journalOf(run, decision, doomed);
    await journals.write(name, journal);

    const protections = await readProtections(store, instance, endedLeases);
    const going = doomed.map(({ known }) => known);
    const named = protections.of(database, decision.folder, going).length > 0;
    const stands = !named && !(await broughtIn(store, instance, decision));
    if (stands) await removing(() => removeSets(store, journal, bin));
    if (!(await removeBin(bin))) throw failure('StoreUnavailable', `${bin.path} is not empty after its removal`);
    await journals.remove(name);
    if (stands) return decision;
    if (tries === mostTries) throw failure('StoreUnavailable', `What is needed of ${database} changes all the time`);
  }
}

/** A run may be killed in between. Without its base nothing can be restored, so no half of what goes is ever taken for a chain. */
function basesFirst(a: DecidedSet, b: DecidedSet): number {
  const order = ['full', 'differential', 'log'];
  return order.indexOf(a.set.kind) - order.indexOf(b.set.kind);
}

function journalOf(run: string, { folder }: Decision, doomed: readonly DecidedSet[]): Journal {
  const sets = doomed.map(({ set, known }) => ({
    setId: set.id,
    manifest: known.manifest,
    files: [...known.files.map(([file]) => file), verdictName(known.manifest)],
  }));
  return { formatVersion: 1, run, folder, sets };
}

async function removing(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TakenOver)) throw error;
    throw failure('StoreUnavailable', error.message);
  }
}

/**
 * Backups come in all the time, each newer than all before it: they make nothing needed that was not. One that is not newer was
 * brought in from elsewhere, may fill a hole, and what lies before it is needed again.
 */
async function broughtIn(store: string, instance: string, { database, names, sets }: Decision): Promise<boolean> {
  const folder = await openFolder(store, instance, database);
  if (folder === null) return true;
  const before = new Set(names);
  const added = folder.names.filter((name) => isManifest(name) && !before.has(name));
  if (added.length === 0) return false;
  const { entries } = await readManifests(store, instance, folder, added);
  const newest = sets.reduce((last, { set }) => (set.finishedAt > last ? set.finishedAt : last), '');
  return entries.length < added.length || entries.some(({ set }) => set.finishedAt < newest);
}
