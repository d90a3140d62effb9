import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as tls } from 'node:tls';
import { quoteString } from '../../workflows/domain/quoting.ts';
import { Refused } from './client.ts';
import { assertSaid, error } from './expect.ts';
import type { Site } from './site.ts';
import { backup, restore } from './statements.ts';
import { contract } from './support.ts';

async function refused(login: Promise<unknown>): Promise<Refused> {
  try {
    await login;
  } catch (cause) {
    if (cause instanceof Refused) return cause;
    throw cause;
  }
  throw new assert.AssertionError({ message: 'the login was taken' });
}

const failed = (user: string): ReturnType<typeof error> => error(18456, 1, `Login failed for user '${user}'.`, 14);

/** TDS 8.0 begins with TLS, so the certificate can be seen without a login. */
async function certificateOf(site: Site): Promise<string> {
  const socket = tls({ host: site.host, port: site.port, ALPNProtocols: ['tds/8.0'], rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return new X509Certificate(raw).toString();
}

contract('login', [
  {
    name: 'a login changes the database context and the language, as information',
    source: "Microsoft's own TDS test server; the full stops are not confirmed",
    confirmed: false,
    async run(site) {
      const client = await site.connect();
      const expected = [
        { number: 5701, severity: 0, state: 2, text: "Changed database context to 'master'." },
        { number: 5703, severity: 0, state: 1, text: 'Changed language setting to us_english.' },
      ];
      assertSaid(client.greeting.slice(0, 2), expected);
    },
  },
  {
    name: 'a session is what sys.dm_exec_sessions shows of it',
    source: 'sys.dm_exec_sessions (Transact-SQL); MS-TDS 2.2.6.4',
    async run(site) {
      const client = await site.connect({ appName: 'contract of logins' });
      const row = await client.row(
        `SELECT session_id, program_name, login_name, DB_NAME(database_id) AS db FROM sys.dm_exec_sessions WHERE session_id = @@SPID`,
      );
      assert.deepEqual(
        [row['session_id'], row['program_name'], row['db']],
        [client.spid, 'contract of logins', 'master'],
      );
    },
  },
  {
    name: 'a wrong password: ELOGIN with 18456 of severity 14',
    source: 'tedious, ConnectionError; sys.messages 18456',
    async run(site) {
      const { user } = await site.login('guest');
      const { code, said } = await refused(site.connect({ user, password: 'Wrong-1-Password' }));
      assert.equal(code, 'ELOGIN');
      assertSaid(said, [failed(user)]);
    },
  },
  {
    name: 'an unknown user is refused in the same words',
    source: 'sys.messages 18456; Troubleshoot connecting to SQL Server: the cause is not told to the client',
    async run(site) {
      const user = site.name('nobody');
      assertSaid((await refused(site.connect({ user, password: 'Wrong-1-Password' }))).said, [failed(user)]);
    },
  },
  {
    name: 'a database that does not exist or is RESTORING: 4060, then 18456',
    source: 'sys.messages 4060; that both come is not confirmed',
    confirmed: false,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, path, `NORECOVERY, ${site.moved(shop, copy)}`));
      const login = await site.login('guest');
      for (const database of [site.name('none'), copy]) {
        assertSaid((await refused(site.connect({ ...login, database }))).said, [
          error(4060, 1, `Cannot open database "${database}" requested by the login. The login failed.`, 11),
          failed(login.user),
        ]);
      }
    },
  },
  {
    name: 'a new login begins in the database that it asks for',
    source: 'MS-TDS 2.2.6.4 LOGIN7',
    async run(site) {
      const shop = await site.database('shop');
      const client = await site.connect({ database: shop });
      assert.deepEqual(await client.row('SELECT DB_NAME() AS name'), { name: shop });
      await client.close();
    },
  },
  {
    name: 'the driver sets its options on every connection',
    source: 'tedious, getInitialSql',
    async run(site) {
      const row = await site.sa.row(
        `SELECT @@DATEFIRST AS first, @@LANGUAGE AS language, @@TEXTSIZE AS size, CAST(SESSIONPROPERTY('QUOTED_IDENTIFIER') AS int) AS quoted`,
      );
      assert.deepEqual(row, { first: 7, language: 'us_english', size: 2147483647, quoted: 1 });
    },
  },
  {
    name: 'TLS holds against the certificate authority that the client was given',
    source: 'Encrypt connections to SQL Server on Linux; tedious cryptoCredentialsDetails',
    needs: 'a certificate for the address',
    async run(site) {
      const client = await site.connect({ verify: true, ca: await certificateOf(site) });
      assert.deepEqual(await client.row('SELECT 1 AS one'), { one: 1 });
    },
  },
  {
    name: 'a certificate that nobody vouches for is refused when it is verified',
    source: 'tedious: trustServerCertificate is false by default',
    needs: 'a certificate for the address',
    async run(site) {
      const { code, said } = await refused(site.connect({ verify: true }));
      assert.equal(code, 'ESOCKET');
      assert.deepEqual(said, []);
    },
  },
  {
    name: 'the product is SQL Server 2022 on Linux',
    source: 'SERVERPROPERTY (Transact-SQL); sys.dm_os_host_info',
    async run(site) {
      const row = await site.sa.row(`
        SELECT CAST(SERVERPROPERTY('ProductMajorVersion') AS int) AS major, CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine,
               (SELECT host_platform FROM sys.dm_os_host_info) AS platform,
               CASE WHEN @@VERSION LIKE N'Microsoft SQL Server 2022 %Linux%' THEN 1 ELSE 0 END AS banner,
               CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(260)) AS data,
               CASE WHEN CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) LIKE ${quoteString('16.0.%')} THEN 1 ELSE 0 END AS version`);
      assert.deepEqual(
        [row['major'], row['engine'], row['platform'], row['banner'], row['version']],
        [16, 3, 'Linux', 1, 1],
      );
      assert.equal(String(row['data']).startsWith('/'), true);
    },
  },
]);
