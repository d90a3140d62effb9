/**
 * How one database stands at the end of a run. `whole`: the next log backup goes on with the chain. `broken`: it cannot; the next
 * run mends it. `no-log-backup`: data backups only, in a database that could have log backups. `simple`: data backups only, as its
 * recovery model wants it. `no-backup`: the store holds nothing of it to restore.
 */
export const databaseStandings = ['whole', 'broken', 'no-log-backup', 'simple', 'no-backup'] as const;
export type DatabaseStanding = (typeof databaseStandings)[number];

export type StandingCounts = Readonly<Record<DatabaseStanding, number>>;

/** All databases of an instance in a few numbers, however many they are. */
export interface StandingSummary {
  readonly observedAt: string;
  readonly counts: StandingCounts;
  /** The earliest latest restorable time of all databases that have one. */
  readonly earliestLatestRestorable: string | null;
}

export function countStandings(standings: readonly DatabaseStanding[]): StandingCounts {
  const of = (wanted: DatabaseStanding): number => standings.filter((each) => each === wanted).length;
  return Object.fromEntries(databaseStandings.map((each) => [each, of(each)])) as StandingCounts;
}
