import type { Report } from '../section.ts';
import type { BenchSite } from './bench-site.ts';
import type { Options } from './options.ts';

/** Sections share a site, and run in their order: the first makes the target that the second restores to. */
export interface ClusterSection {
  readonly name: string;
  readonly title: string;
  run(report: Report, site: BenchSite, options: Options): Promise<void>;
}
