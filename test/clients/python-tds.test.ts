import { test } from 'node:test';
import { runPythonClient } from './python.ts';

test('python-tds works unchanged', async (context) => {
  await runPythonClient(context, { requirement: 'python-tds==1.17.1', program: 'python_tds_client.py' });
});
