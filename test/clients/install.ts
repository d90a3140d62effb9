import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'mssql-pitr', 'clients');

/** A folder that `install` filled once for this specification. */
async function installed(
  name: string,
  specification: string,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, name);
  const marker = join(folder, '.installed');
  const found = await readFile(marker, 'utf8').catch(() => undefined);
  if (found === specification) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install(folder);
  await writeFile(marker, specification);
  return folder;
}

/** Gives the interpreter of a virtual environment that has the package. */
export async function pythonPackage(requirement: string): Promise<string> {
  const name = requirement.replace(/[^\w-].*/, '');
  const folder = await installed(name, requirement, async (target) => {
    await run('python3', ['-m', 'venv', target]);
    await run(join(target, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      requirement,
    ]);
  });
  return join(folder, 'bin', 'python');
}

/** Gives the path of the jar. */
export async function mavenJar(artifact: string): Promise<string> {
  const [, name = artifact, version = ''] = artifact.split(':');
  const folder = await installed(name, artifact, async (target) => {
    await run(
      'mvn',
      [
        '--batch-mode',
        '--quiet',
        `-Dmaven.repo.local=${join(target, 'repository')}`,
        'dependency:copy',
        `-Dartifact=${artifact}`,
        `-DoutputDirectory=${target}`,
      ],
      { cwd: target },
    );
  });
  return join(folder, `${name}-${version}.jar`);
}

/**
 * Unpacks Debian packages without installing them, so that neither root nor a change of the machine is needed. Only where
 * the package lists are missing or old must root bring them up to date.
 */
export async function debianPackages(name: string, packages: readonly string[]): Promise<string> {
  return installed(name, packages.join(' '), async (target) => {
    const download = (): Promise<string> => run('apt-get', ['download', ...packages], { cwd: target });
    try {
      await download();
    } catch (error) {
      if (process.getuid?.() !== 0) throw error;
      await run('apt-get', ['update']);
      await download();
    }
    for (const file of (await readdir(target)).filter((each) => each.endsWith('.deb'))) {
      await run('dpkg-deb', ['--extract', file, '.'], { cwd: target });
    }
  });
}
