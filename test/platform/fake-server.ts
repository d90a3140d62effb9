/** Stands for a SQL Server process: listens on a port, and writes down what it was started with. Arguments: mode, port, data root. */
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const [mode, port, dataRoot] = process.argv.slice(2) as [string, string, string];

if (mode === 'die') {
  console.log('first line of the log');
  console.error(`cannot start with the password ${process.env['MSSQL_SA_PASSWORD']}`);
  process.exit(7);
}
if (mode === 'detach') {
  const [program, script] = process.argv as [string, string];
  spawn(program, [script, 'serve', port, dataRoot], { detached: true, stdio: 'ignore', env: {} }).unref();
  process.exit(0);
}
appendFileSync(join(dataRoot, 'starts'), `${process.pid}\n`);
writeFileSync(join(dataRoot, 'environment.json'), JSON.stringify(process.env));
createServer((socket) => socket.end()).listen(Number(port), '127.0.0.1', () => console.log('listening'));
