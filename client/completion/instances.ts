import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { configPath } from '../config-path.ts';

/** Names that temporal.yaml declares. A file that is not there, or is being written, has none: Tab must not complain. */
export function instancesHere(config: string | undefined): readonly string[] {
  try {
    const raw: unknown = parse(readFileSync(configPath({ path: config }).path, 'utf8'));
    const { instances } = raw as { readonly instances?: object };
    return Object.keys(instances ?? {});
  } catch {
    return [];
  }
}
