import type { DatabaseExposure } from '../../workflows/contracts.ts';
import { decideBackup, reasonText, type DatabaseState } from '../../workflows/domain/decide.ts';
import { countStandings, type DatabaseStanding, type StandingSummary } from '../../workflows/domain/standing.ts';
import type { StoreChain } from '../../workflows/domain/plan-types.ts';

/** What a run leaves a database with. */
export interface Standing extends DatabaseExposure {
  readonly recoveryModel: DatabaseState['recoveryModel'];
  readonly chain: StoreChain | null;
  /** Why the next backup cannot simply go on with the chain; null when it can. */
  readonly broken: string | null;
}

/** How every database that can be backed up stands: the server's view against the store's. The most exposed come first. */
export function standings(
  databases: readonly DatabaseState[],
  chains: readonly StoreChain[],
  nowMs: number,
): Standing[] {
  const chainOf = new Map(chains.map((chain) => [chain.database, chain]));
  return databases
    .filter((database) => decideBackup('full', database, null).action !== 'skip')
    .map((database) => standing(database, chainOf.get(database.name) ?? null, nowMs))
    .sort((a, b) => urgency(b) - urgency(a));
}

function standing(database: DatabaseState, chain: StoreChain | null, nowMs: number): Standing {
  const latest = chain?.head?.latestRestorableMs ?? null;
  return {
    database: database.name,
    recoveryModel: database.recoveryModel,
    chain,
    latestRestorable: latest === null ? null : new Date(latest).toISOString(),
    exposureSeconds: latest === null ? null : Math.max(0, (nowMs - latest) / 1000),
    broken: breakOf(database, chain),
  };
}

/** A chain is whole when the next backup of its kind would be taken as it is, without another one to mend the chain. */
function breakOf(database: DatabaseState, chain: StoreChain | null): string | null {
  const next = decideBackup(database.recoveryModel === 'SIMPLE' ? 'differential' : 'log', database, chain);
  return next.action === 'skip' || next.reason === undefined ? null : reasonText(next.reason);
}

function urgency(standing: Standing): number {
  return standing.exposureSeconds ?? (standing.chain === null ? Infinity : -1);
}

/** All databases in a few numbers, with what is known by now of their chains' breaks. */
export function standingSummary(all: readonly Standing[], nowMs: number): StandingSummary {
  const latest = exposed(all).flatMap(({ latestRestorable }) => latestRestorable ?? []);
  return {
    observedAt: new Date(nowMs).toISOString(),
    counts: countStandings(all.map(standingOf)),
    // ISO 8601 in UTC sorts as text.
    earliestLatestRestorable: latest.sort()[0] ?? null,
  };
}

/** A database in the SIMPLE model has no log to be exposed by: what it had when it was FULL would only grow old. */
export function exposed(all: readonly Standing[]): readonly Standing[] {
  return all.filter(({ recoveryModel }) => recoveryModel !== 'SIMPLE');
}

function standingOf({ recoveryModel, chain, latestRestorable, broken }: Standing): DatabaseStanding {
  if ((chain?.head ?? null) === null) return 'no-backup';
  if (recoveryModel === 'SIMPLE') return 'simple';
  if (latestRestorable === null) return 'no-log-backup';
  return broken === null ? 'whole' : 'broken';
}
