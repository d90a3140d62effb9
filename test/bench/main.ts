import { copySection } from './copying.ts';
import { historySection } from './history.ts';
import { memorySection } from './memory.ts';
import { readOptions, usage } from './options.ts';
import { planSection } from './plan.ts';
import { restoreSection } from './restore.ts';
import { end, optionsOr, printMachine, runSections } from './run-sections.ts';
import type { Section } from './section.ts';

/** `npm run bench`: the budgets, measured here and now. A budget that is not kept is marked; it is no error. */
const sections: readonly Section[] = [copySection, restoreSection, planSection, historySection, memorySection];

const known = sections.map(({ name }) => name);
const options = optionsOr(readOptions, usage, known);
printMachine();
if (options.quick) console.log('QUICK: small sizes, in which fixed costs count for most. The figures say nothing.');
end(await runSections(sections, options.sections, (section, report) => section.run(report, options.sizes)));
