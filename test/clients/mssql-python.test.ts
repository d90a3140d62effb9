import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { debianPackages } from './install.ts';
import { runPythonClient } from './python.ts';
import { isInstalled } from './run.ts';

/** Its ODBC driver needs libltdl, which minimal machines lack. */
async function withLtdl(): Promise<Record<string, string>> {
  if (!(await isInstalled('apt-get', ['--version']))) return {};
  const root = join(await debianPackages('libltdl', ['libltdl7']), 'usr', 'lib');
  const folders = (await readdir(root)).map((each) => join(root, each));
  return { LD_LIBRARY_PATH: [...folders, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':') };
}

test("Microsoft's mssql-python (ODBC Driver 18) works unchanged, encrypted as it is by default", async (context) => {
  await runPythonClient(context, {
    requirement: 'mssql-python==1.16.0',
    program: 'mssql_python_client.py',
    env: withLtdl,
  });
});
