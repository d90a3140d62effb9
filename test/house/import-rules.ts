/** One import, from file to file or from file to package. */
export interface Import {
  /** Path below the repository. */
  readonly from: string;
  /** Path below the repository, or a package, or `node:…`. */
  readonly to: string;
  /** Gone when the file runs. */
  readonly typeOnly: boolean;
}

/** A folder is an execution context: what it may import, files by the beginning of their path, packages by their name. */
interface Context {
  readonly folder: string;
  readonly files: readonly string[];
  /** Only as types. */
  readonly types?: readonly string[];
  readonly packages: (name: string) => boolean;
}

const temporal = (...names: string[]) => {
  const allowed = names.map((name) => `@temporalio/${name}`);
  return (name: string): boolean => !name.startsWith('@temporalio/') || allowed.includes(name);
};

/** The innermost folder that a file is in decides. */
const contexts: readonly Context[] = [
  { folder: 'workflows/domain/', files: ['workflows/domain/'], packages: () => false },
  {
    folder: 'workflows/',
    files: ['workflows/'],
    packages: (name) => name === '@temporalio/workflow' || name === '@temporalio/common',
  },
  {
    folder: 'activities/',
    files: ['activities/', 'workflows/contracts.ts', 'workflows/domain/'],
    packages: temporal('activity', 'common'),
  },
  {
    folder: 'client/',
    files: [
      'client/',
      'workflows/contracts.ts',
      'workflows/messages.ts',
      'workflows/search-attributes.ts',
      'workflows/steps/search-attributes.ts',
      'workflows/domain/',
    ],
    types: ['workflows/'],
    packages: temporal('client', 'common', 'envconfig'),
  },
  {
    folder: 'worker/',
    files: [
      'worker/',
      'activities/',
      'workflows/',
      // Settings, where Temporal is, and what it must know: the same for those who start runs and for those who do them.
      'client/config.ts',
      'client/connection-options.ts',
      'client/search-attributes.ts',
    ],
    packages: () => true,
  },
  { folder: 'test/', files: ['test/', 'worker/', 'client/', 'activities/', 'workflows/'], packages: () => true },
];

/** What is wrong with an import; null when it is as it should be. */
export function violation({ from, to, typeOnly }: Import): string | null {
  const context = contexts.find(({ folder }) => from.startsWith(folder));
  if (context === undefined) return `${from} lies in no known folder`;
  const isFile = /^[a-z]+\//.test(to) && to.endsWith('.ts');
  const allowed = isFile
    ? [...context.files, ...(typeOnly ? (context.types ?? []) : [])].some((start) => to.startsWith(start))
    : context.packages(packageName(to));
  return allowed ? null : `${from} must not import ${to}${typeOnly ? ' (as a type)' : ''}`;
}

function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
