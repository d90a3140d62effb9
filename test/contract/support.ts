import { after, before, describe, test, type TestContext } from 'node:test';
import { openSite, type Site } from './site.ts';

/** What a SQL Server must answer. */
export interface Case {
  readonly name: string;
  /** Documentation page or observation that says so. */
  readonly source: string;
  /**
   * false: an assumption that nothing confirms. It holds on the simulated server; a real one may tell otherwise, which
   * is reported and counted there instead of failing the run.
   */
  readonly confirmed?: false;
  /** What only the simulated server gives. */
  readonly needs?: 'the control port' | 'access to its files' | 'a certificate for the address';
  run(site: Site, t: TestContext): Promise<void>;
}

/** Asks one server every case of a topic: the simulated one, or the one at MSSQL_CONTRACT_URL. */
export function contract(topic: string, cases: readonly Case[]): void {
  describe(topic, () => {
    let site: Site;
    let run = 0;
    const skipped: string[] = [];
    const wrong: string[] = [];

    before(async () => {
      site = await openSite();
    });
    after(async () => {
      const left = await site.close();
      const unconfirmed = cases.filter(({ confirmed }) => confirmed === false).length;
      console.log(
        [
          `contract ${topic}: ${run} of ${cases.length} cases run on ${site.real ? 'a real server' : 'the simulated server'}`,
          `${skipped.length} skipped${skipped.length === 0 ? '' : ` (${skipped.join('; ')})`}`,
          `${unconfirmed} unconfirmed${site.real ? `, ${wrong.length} of them wrong here` : ''}`,
        ].join(', '),
      );
      for (const line of wrong) console.log(`  wrong assumption: ${line}`);
      for (const line of left) console.log(`  not removed: ${line}`);
    });

    for (const one of cases) {
      test(one.confirmed === false ? `${one.name} (unconfirmed)` : one.name, { timeout: 120_000 }, async (t) => {
        if (site.real && one.needs !== undefined) {
          skipped.push(`${one.name}: needs ${one.needs}`);
          t.skip(`needs ${one.needs}`);
          return;
        }
        run += 1;
        try {
          await one.run(site, t);
        } catch (error) {
          t.diagnostic(`source: ${one.source}`);
          if (!site.real || one.confirmed !== false) throw error;
          wrong.push(`${one.name}: ${error instanceof Error ? error.message : String(error)}`);
          t.diagnostic(`wrong assumption: ${wrong.at(-1)}`);
        }
      });
    }
  });
}
