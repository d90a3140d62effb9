import assert from 'node:assert/strict';
import { test } from 'node:test';
import sql from 'mssql';
import type { FailureType } from '../../workflows/domain/failures.ts';
import { mapSqlError, sqlFailure } from '../../activities/sql-server/map-error.ts';

interface Message {
  readonly number: number;
  readonly message: string;
  readonly class?: number;
}

/** As mssql rejects a request: the last message is the error, the ones before it hang on to it. */
function requestError(...messages: readonly Message[]): Error {
  const errors = messages.map(({ number, message, class: severity = 16 }) => {
    const original = Object.assign(new Error(message), { info: { number, message, state: 1, class: severity } });
    return new sql.RequestError(original, 'EREQUEST');
  });
  const last = errors.pop();
  assert.ok(last);
  return Object.assign(last, { precedingErrors: errors });
}

const backupEnd = { number: 3013, message: 'BACKUP DATABASE is terminating abnormally.' };
const restoreEnd = { number: 3013, message: 'RESTORE DATABASE is terminating abnormally.' };
const cannotOpen = (error: string): Message => ({
  number: 3201,
  message: `Cannot open backup device '/var/opt/mssql/x.bak'. Operating system error ${error}`,
});

const server: readonly (readonly [string, FailureType, number, ...Message[]])[] = [
  ['no such database', 'UnknownDatabase', 911, { number: 911, message: "Database 'x' does not exist." }, backupEnd],
  ['a folder that cannot be written', 'AccessDenied', 3201, cannotOpen('5(Access is denied.).'), backupEnd],
  [
    'a file that is not there',
    'FileMissing',
    3201,
    cannotOpen('2(The system cannot find the file specified.).'),
    restoreEnd,
  ],
  [
    'a device in use',
    'SqlError',
    3201,
    cannotOpen('32(The process cannot access the file because it is being used by another process.).'),
    backupEnd,
  ],
  [
    'a full disk',
    'StorageFull',
    3202,
    { number: 3202, message: `Write on "/var/opt/mssql/x.bak" failed: 112(There is not enough space on the disk.)` },
    backupEnd,
  ],
  [
    'a device error while writing',
    'SqlError',
    3202,
    {
      number: 3202,
      message: `Write on "x" failed: 1117(The request could not be performed because of an I/O device error.)`,
    },
    backupEnd,
  ],
  [
    'no room for the database',
    'StorageFull',
    3257,
    { number: 3257, message: 'There is insufficient free space on disk volume' },
    restoreEnd,
  ],
  [
    'no right to back up',
    'PermissionDenied',
    262,
    { number: 262, message: "BACKUP DATABASE permission denied in database 'X'.", class: 14 },
    backupEnd,
  ],
  [
    'no access to a database',
    'PermissionDenied',
    916,
    {
      number: 916,
      message: 'The server principal "a" is not able to access the database "b" under the current security context.',
      class: 14,
    },
  ],
  [
    'no right to select',
    'PermissionDenied',
    229,
    { number: 229, message: "The SELECT permission was denied on the object 'backupset'", class: 14 },
  ],
  [
    'no right to restore',
    'PermissionDenied',
    3110,
    { number: 3110, message: "User does not have permission to RESTORE database 'x'.", class: 14 },
    restoreEnd,
  ],
  [
    'a database in the middle of a restore',
    'ServerUnavailable',
    927,
    { number: 927, message: "Database 'X' cannot be opened. It is in the middle of a restore.", class: 14 },
  ],
  ['a shutdown', 'ServerUnavailable', 6005, { number: 6005, message: 'SHUTDOWN is in progress.', class: 10 }],
  [
    'a session that was killed',
    'ServerUnavailable',
    596,
    { number: 596, message: 'Cannot continue the execution because the session is in the kill state.', class: 21 },
  ],
  [
    'somebody inside',
    'DatabaseInUse',
    3101,
    { number: 3101, message: 'Exclusive access could not be obtained because the database is in use.' },
    restoreEnd,
  ],
  [
    'another backup',
    'DatabaseInUse',
    3023,
    {
      number: 3023,
      message:
        'Backup, file manipulation operations (such as ALTER DATABASE ADD FILE) and encryption changes on a database must be serialized.',
    },
    backupEnd,
  ],
  [
    'SIMPLE recovery model',
    'ChainBroken',
    4208,
    { number: 4208, message: 'The statement BACKUP LOG is not allowed while the recovery model is SIMPLE.' },
    backupEnd,
  ],
  [
    'no full backup yet',
    'ChainBroken',
    4214,
    { number: 4214, message: 'BACKUP LOG cannot be performed because there is no current database backup.' },
    backupEnd,
  ],
  [
    'no base for a differential',
    'ChainBroken',
    3035,
    { number: 3035, message: 'Cannot perform a differential backup for database "x"' },
    backupEnd,
  ],
  [
    'a bad page',
    'FileDamaged',
    3183,
    { number: 3183, message: 'RESTORE detected an error on page (1:243) in database "x" as read from the backup set.' },
    restoreEnd,
  ],
  [
    'a damaged set',
    'FileDamaged',
    3189,
    { number: 3189, message: 'Damage to the backup set was detected.' },
    restoreEnd,
  ],
  [
    'a file that ends early',
    'FileDamaged',
    3203,
    { number: 3203, message: 'Read on "x" failed: 38(Reached the end of the file.)' },
    restoreEnd,
  ],
  [
    'a file that is no backup',
    'FileDamaged',
    3241,
    { number: 3241, message: "The media family on device 'x' is incorrectly formed." },
    restoreEnd,
  ],
  [
    'a backup that was cut off',
    'FileDamaged',
    3256,
    {
      number: 3256,
      message: "The backup set on device 'x' was terminated while it was being created and is incomplete.",
    },
    restoreEnd,
  ],
  [
    'a missing folder for a database file',
    'FileMissing',
    5133,
    {
      number: 5133,
      message:
        'Directory lookup for the file "Z:\\x.mdf" failed with the operating system error 2(The system cannot find the file specified.).',
    },
    { number: 3156, message: "File 'x' cannot be restored to 'Z:\\x.mdf'." },
    { number: 3119, message: 'Problems were identified while planning for the RESTORE statement.' },
    restoreEnd,
  ],
  [
    'a folder that a database file cannot be made in',
    'AccessDenied',
    3634,
    {
      number: 3634,
      message:
        "The operating system returned the error '5(Access is denied.)' while attempting 'RestoreContainer::ValidateTargetForCreation' on '/mnt/x.mdf'.",
    },
    restoreEnd,
  ],
  [
    'anything else',
    'SqlError',
    3154,
    { number: 3154, message: "The backup set holds a backup of a database other than the existing 'bar' database." },
    restoreEnd,
  ],
];

for (const [what, type, number, ...messages] of server) {
  test(`${what} is ${type}, told with the message that is the cause`, () => {
    const mapped = mapSqlError(requestError(...messages));
    assert.equal(mapped.type, type);
    assert.equal(mapped.number, number);
    const cause = messages[0]?.message.replace(/\.$/, '') ?? '?';
    assert.ok(mapped.text.startsWith(`${cause} (SQL Server error ${number})`), mapped.text);
    assert.ok(!mapped.text.includes('terminating abnormally'), mapped.text);
  });
}

test('3013 alone is still told', () => {
  const mapped = mapSqlError(requestError(backupEnd));
  assert.deepEqual([mapped.type, mapped.number], ['SqlError', 3013]);
  assert.match(mapped.text, /terminating abnormally/);
});

const driver: readonly (readonly [string, string, FailureType])[] = [
  ['ESOCKET', 'Failed to connect to 10.0.0.1:1433 - connect ECONNREFUSED', 'ServerUnavailable'],
  ['ETIMEOUT', 'Failed to connect to 10.0.0.1:1433 in 15000ms', 'ServerUnavailable'],
  ['ECLOSE', 'Connection closed before request completed.', 'ServerUnavailable'],
  ['ECONNCLOSED', 'Connection is closed.', 'ServerUnavailable'],
  ['EINVALIDSTATE', 'Requests can only be made in the LoggedIn state', 'ServerUnavailable'],
  ['ELOGIN', 'Login failed.', 'LoginFailed'],
  ['EENCRYPT', 'Server did not negotiate encryption', 'LoginFailed'],
];

for (const [code, message, type] of driver) {
  test(`${code} of the driver is ${type}`, () => {
    const error = new sql.ConnectionError(Object.assign(new Error(message), { code }));
    assert.deepEqual(mapSqlError(error), { type, number: null, text: message });
  });
}

const logins: readonly (readonly [number, FailureType])[] = [
  [18456, 'LoginFailed'],
  [18487, 'LoginFailed'],
  [18401, 'ServerUnavailable'],
  [17142, 'ServerUnavailable'],
];

for (const [number, type] of logins) {
  test(`a login that the server refuses with ${number} is ${type}`, () => {
    const error = new sql.ConnectionError(Object.assign(new Error('Login failed.'), { code: 'ELOGIN' }));
    const message = { number, class: 14, state: 1, message: 'as the server says it' };
    assert.equal(mapSqlError(Object.assign(error, { precedingErrors: [message] })).type, type);
  });
}

test('a certificate that is not trusted is not waited for', () => {
  const cause = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const socket = Object.assign(new Error('Failed to connect to a:1433 - self-signed certificate', { cause }), {
    code: 'ESOCKET',
  });
  const mapped = mapSqlError(new sql.ConnectionError(socket));
  assert.equal(mapped.type, 'LoginFailed');
  assert.match(mapped.text, /tls\.caFile/);
});

test('a failure says what was tried, why it failed and what to do next', () => {
  const error = sqlFailure(
    requestError({ number: 911, message: "Database 'x' does not exist." }, backupEnd),
    'Back up x',
  );
  assert.equal(
    error.message,
    "Back up x: Database 'x' does not exist (SQL Server error 911). Check the database name; names are as sys.databases shows them.",
  );
});

test('hundreds of messages become a short text', () => {
  const many = Array.from({ length: 500 }, (_, i) => ({ number: 8928, message: `Object ID ${i} is damaged.` }));
  assert.ok(mapSqlError(requestError(...many)).text.length < 2_000);
});
