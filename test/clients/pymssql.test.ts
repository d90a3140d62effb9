import { test } from 'node:test';
import { runPythonClient } from './python.ts';

test('pymssql (FreeTDS) works unchanged', async (context) => {
  await runPythonClient(context, { requirement: 'pymssql==2.4.6', program: 'pymssql_client.py' });
});
