import { decideRetention, type RetentionPolicy, type RetentionVerdict } from '../../../workflows/domain/retention.ts';
import type { KnownSet } from '../store/known-sets.ts';
import { problemsOf } from '../store/known-sets.ts';
import { readDatabase } from '../store/read-database.ts';
import type { Protections } from './protections.ts';

export interface DecidedSet extends RetentionVerdict {
  readonly known: KnownSet;
}

/** One database of the store, and what becomes of each of its sets. */
export interface Decision {
  readonly database: string;
  /** Below the store. */
  readonly folder: string;
  /** Every name in it when it was read. */
  readonly names: readonly string[];
  readonly sets: readonly DecidedSet[];
  /** Why nothing is removed, whatever the policy says. */
  readonly uncertain: readonly string[];
}

interface DecideOptions {
  readonly store: string;
  readonly instance: string;
  readonly database: string;
  readonly policy: RetentionPolicy;
  readonly nowMs: number;
  readonly protections: Protections;
}

/**
 * A manifest that cannot be read may stand for any backup, so nothing of its database is removed. A set whose files are gone or
 * damaged is known, and is no such reason.
 */
export async function decide(options: DecideOptions): Promise<Decision | null> {
  const { store, instance, database, policy, nowMs, protections } = options;
  const read = await readDatabase(store, instance, database);
  if (read === null) return null;
  const { folder, sets } = read;
  const known = new Set(problemsOf(folder, sets).map(({ message }) => message));
  const uncertain = read.problems.map(({ message }) => message).filter((message) => !known.has(message));
  const verdicts = decideRetention({
    sets: sets.map(({ set }) => set),
    policy,
    nowMs,
    protections: protections.of(database, folder.path, sets),
    heldMs: protections.momentsOf(database),
  });
  const why = 'the catalogue of its database is not certain: nothing is removed';
  return {
    database,
    folder: folder.path,
    names: folder.names,
    uncertain,
    sets: verdicts.map((verdict, i): DecidedSet => {
      const decided = { ...verdict, known: sets[i] as KnownSet };
      return verdict.keptFor === null && uncertain.length > 0 ? { ...decided, keptFor: 'uncertain', why } : decided;
    }),
  };
}
