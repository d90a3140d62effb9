import { log } from '@temporalio/activity';
import type { Activities, Inspection } from '../../workflows/contracts.ts';
import { decideBackup, type Decision } from '../../workflows/domain/decide.ts';
import { limitMends } from '../../workflows/domain/mends.ts';
import type { StoreChain } from '../../workflows/domain/plan-types.ts';
import { taskControl, withServer, type ActivityDeps } from '../deps.ts';
import type { TaskControl, Tasks } from '../executor/tasks.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { databaseStates, selected } from '../sql-server/databases.ts';

/** The result is a payload: a count is enough for the rest. */
const namedSkips = 50;

/**
 * Compares what the server says of each database with what the store holds of it, and decides.
 *
 * Other runs go on meanwhile, so neither view is the later one for all databases. A backup of another kind than asked for
 * must be called for by the store as it was before the server was looked at, and as it was after.
 */
export function inspectInstance(deps: ActivityDeps): Activities['inspectInstance'] {
  return ({ request, ...run }) =>
    withHeartbeat(async (pulse) => {
      const control = taskControl(pulse);
      const { instance } = run;
      return withServer(deps, instance, { session: run.run }, async (server) => {
        const names = selected(await databaseStates(server), request.databases, instance).map((each) => each.name);
        const chains = (look: boolean) =>
          chainsOf(deps, { instance, look, ...(request.databases ? { databases: names } : {}) }, control);
        const before = await chains(true);
        const databases = await databaseStates(server);
        const wanted = selected(databases, request.databases, instance);
        const decide = (known: Chains): Decision[] =>
          wanted.map((database) => decideBackup(request.kind, database, known.get(database.name) ?? null));

        const first = decide(before);
        const after = first.some(isChanged) ? await chains(false) : before;
        const second = after === before ? first : decide(after);
        const left = databases.filter((database) => !wanted.includes(database));
        return inspection(
          [
            ...first.map((decision, i) => (isChanged(decision) ? (second[i] ?? decision) : decision)),
            ...left.map((database): Decision => ({ database: database.name, action: 'skip', reason: 'not-selected' })),
          ],
          after,
          deps.settings.limits.mendsPerRun,
        );
      });
    });
}

type Chains = ReadonlyMap<string, StoreChain>;

async function chainsOf(deps: ActivityDeps, input: Tasks['chains']['input'], control: TaskControl): Promise<Chains> {
  const { chains, problems } = await deps.platform.run(input.instance, 'chains', input, control);
  for (const problem of problems) log.warn('The store holds something that cannot be used', { ...problem });
  return new Map(chains.map((chain) => [chain.database, chain]));
}

/** Another kind than asked for, to make the chain whole. */
function isChanged(decision: Decision): boolean {
  return decision.action !== 'skip' && decision.reason !== undefined;
}

function inspection(decisions: readonly Decision[], chains: Chains, mendsPerRun: number): Inspection {
  const wanted = decisions.filter((decision) => decision.action !== 'skip');
  const { work, waiting } = limitMends(wanted, chains, mendsPerRun);
  const skipped = decisions.filter((decision) => decision.action === 'skip');
  return {
    work,
    skipped: skipped.slice(0, namedSkips),
    skippedCount: skipped.length,
    waiting: waiting.slice(0, namedSkips),
    waitingCount: waiting.length,
  };
}
