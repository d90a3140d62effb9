import type { Instance } from '../../contracts.ts';

/** Builds whose update is known: name, article, revision and compile time as @@VERSION prints them. */
const builds = new Map([
  [4236, { update: 'CU23', article: 'KB5078297', revision: 2, compiled: 'Jan 22 2026 17:50:56' }],
  [4255, { update: 'CU25', article: 'KB5081477', revision: 1, compiled: 'Apr 23 2026 22:38:54' }],
]);

const years = new Map([
  [16, 2022],
  [15, 2019],
]);

export interface ProductVersion {
  readonly text: string;
  readonly year: number;
  readonly update: string | null;
  readonly article: string | null;
  readonly compiled: string | null;
}

export function productVersion(instance: Pick<Instance, 'version'>): ProductVersion {
  const [major, minor, build] = instance.version;
  const known = major === 16 ? builds.get(build) : undefined;
  return {
    text: `${major}.${minor}.${build}.${known?.revision ?? 0}`,
    year: years.get(major) ?? 2022,
    update: known?.update ?? null,
    article: known?.article ?? null,
    compiled: known?.compiled ?? null,
  };
}

/** @@VERSION, in the lines and with the blanks of a container of SQL Server 2022 on Ubuntu 22.04. */
export function versionText(instance: Pick<Instance, 'version' | 'edition'>): string {
  const { text, year, update, article, compiled } = productVersion(instance);
  const release = update === null ? '(RTM)' : `(RTM-${update}) (${article})`;
  return [
    `Microsoft SQL Server ${year} ${release} - ${text} (X64) `,
    ...(compiled === null ? [] : [`\t${compiled} `]),
    `\tCopyright (C) ${year} Microsoft Corporation`,
    `\t${editionText(instance)} on Linux (Ubuntu 22.04.5 LTS) <X64>`,
  ].join('\n');
}

/** SERVERPROPERTY('Edition') of a 64-bit server ends in "(64-bit)". */
export const editionText = (instance: Pick<Instance, 'edition'>): string =>
  instance.edition.endsWith('(64-bit)') ? instance.edition : `${instance.edition} (64-bit)`;
