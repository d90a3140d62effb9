import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { connect } from 'node:tls';
import { mavenJar } from './install.ts';
import { isInstalled, run } from './run.ts';
import { assertScenario } from './scenario.ts';
import { startServer } from './support.ts';

async function jdbcJar(context: TestContext): Promise<string | undefined> {
  for (const [command, args] of [
    ['java', ['-version']],
    ['mvn', ['--version']],
  ] as const) {
    if (await isInstalled(command, args)) continue;
    context.skip(`${command} is not installed`);
    return undefined;
  }
  return mavenJar('com.microsoft.sqlserver:mssql-jdbc:12.10.1.jre11');
}

async function runJdbc(jar: string, url: string, password: string, database: string): Promise<string> {
  const program = join(import.meta.dirname, 'JdbcClient.java');
  const encoding = ['-Dfile.encoding=UTF-8', '-Dsun.jnu.encoding=UTF-8'];
  return run('java', [...encoding, '-cp', jar, program, url, password, database], { env: { LC_ALL: 'C.UTF-8' } });
}

test('mssql-jdbc works unchanged, encrypted as it is by default', async (context) => {
  const jar = await jdbcJar(context);
  if (jar === undefined) return;
  await using server = await startServer();
  const url = `jdbc:sqlserver://127.0.0.1:${server.port};trustServerCertificate=true`;
  assertScenario(await runJdbc(jar, url, server.password, 'jdbc_default'));
});

async function certificateOf(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ALPNProtocols: ['tds/8.0'], rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return new X509Certificate(raw).toString();
}

test('mssql-jdbc verifies the certificate of a strict connection (TDS 8)', async (context) => {
  const jar = await jdbcJar(context);
  if (jar === undefined) return;
  await using server = await startServer();
  const folder = await mkdtemp(join(tmpdir(), 'mssql-pitr-jdbc-'));
  try {
    const certificate = join(folder, 'server.pem');
    await writeFile(certificate, await certificateOf(server.port));
    const url = `jdbc:sqlserver://127.0.0.1:${server.port};encrypt=strict;serverCertificate=${certificate}`;
    assertScenario(await runJdbc(jar, url, server.password, 'jdbc_strict'));
    const unverified = `jdbc:sqlserver://127.0.0.1:${server.port};encrypt=strict`;
    await assert.rejects(runJdbc(jar, unverified, server.password, 'never'), /SSL|certificat/i);
  } finally {
    await rm(folder, { recursive: true });
  }
});
