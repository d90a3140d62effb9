import { sayOnStderr } from '../../cluster/say.ts';
import { end, optionsOr, printMachine, runSections } from '../run-sections.ts';
import { openBenchSite } from './bench-site.ts';
import { eightSection } from './eight.ts';
import { readOptions, usage } from './options.ts';
import type { ClusterSection } from './section.ts';
import { seedSection } from './seed.ts';

/** `npm run bench:cluster`: what a restore takes on Kubernetes. A budget that is not kept is marked; it is no error. */
const sections: readonly ClusterSection[] = [seedSection, eightSection];

const known = sections.map(({ name }) => name);
const options = optionsOr(readOptions, usage, known);
printMachine();
end(await measure());

/** The site is taken down before the verdict is printed. */
async function measure(): Promise<number> {
  await using site = await openBenchSite(sayOnStderr);
  return await runSections(sections, options.sections, (section, report) => section.run(report, site, options));
}
