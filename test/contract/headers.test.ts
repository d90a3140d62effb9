import assert from 'node:assert/strict';
import sql from 'mssql';
import { quoteString } from '../../workflows/domain/quoting.ts';
import { about, backup, backupLog, insert } from './statements.ts';
import { contract } from './support.ts';

const captured = 'capture of a SQL Server 2022 Linux container';

/** The types of the wire, which differ from the documented ones in BackupType, Compressed and BackupSize. */
const headerColumns = `BackupName nvarchar(128) · BackupDescription nvarchar(255) · BackupType tinyint · ExpirationDate datetime ·
Compressed tinyint · Position smallint · DeviceType tinyint · UserName nvarchar(128) · ServerName nvarchar(128) ·
DatabaseName nvarchar(128) · DatabaseVersion int · DatabaseCreationDate datetime · BackupSize bigint · FirstLSN numeric(25,0) ·
LastLSN numeric(25,0) · CheckpointLSN numeric(25,0) · DatabaseBackupLSN numeric(25,0) · BackupStartDate datetime ·
BackupFinishDate datetime · SortOrder smallint · CodePage smallint · UnicodeLocaleId int · UnicodeComparisonStyle int ·
CompatibilityLevel tinyint · SoftwareVendorId int · SoftwareVersionMajor int · SoftwareVersionMinor int ·
SoftwareVersionBuild int · MachineName nvarchar(128) · Flags int · BindingID uniqueidentifier ·
RecoveryForkID uniqueidentifier · Collation nvarchar(128) · FamilyGUID uniqueidentifier · HasBulkLoggedData bit ·
IsSnapshot bit · IsReadOnly bit · IsSingleUser bit · HasBackupChecksums bit · IsDamaged bit · BeginsLogChain bit ·
HasIncompleteMetaData bit · IsForceOffline bit · IsCopyOnly bit · FirstRecoveryForkID uniqueidentifier ·
ForkPointLSN numeric(25,0) · RecoveryModel nvarchar(60) · DifferentialBaseLSN numeric(25,0) ·
DifferentialBaseGUID uniqueidentifier · BackupTypeDescription nvarchar(128) · BackupSetGUID uniqueidentifier ·
CompressedBackupSize bigint · Containment tinyint · KeyAlgorithm nvarchar(32) · EncryptorThumbprint varbinary(20) ·
EncryptorType nvarchar(32) · LastValidRestoreTime datetime · TimeZone smallint · CompressionAlgorithm nvarchar(32)`;

const fileColumns = `LogicalName nvarchar(128) · PhysicalName nvarchar(260) · Type nchar(1) · FileGroupName nvarchar(128) · Size bigint ·
MaxSize bigint · FileId bigint · CreateLSN numeric(25,0) · DropLSN numeric(25,0) · UniqueId uniqueidentifier ·
ReadOnlyLSN numeric(25,0) · ReadWriteLSN numeric(25,0) · BackupSizeInBytes bigint · SourceBlockSize int · FileGroupId int ·
LogGroupGUID uniqueidentifier · DifferentialBaseLSN numeric(25,0) · DifferentialBaseGUID uniqueidentifier · IsReadOnly bit ·
IsPresent bit · TDEThumbprint varbinary(20) · SnapshotUrl nvarchar(336)`;

const labelColumns = `MediaName nvarchar(128) · MediaSetId uniqueidentifier · FamilyCount int · FamilySequenceNumber int ·
MediaFamilyId uniqueidentifier · MediaSequenceNumber int · MediaLabelPresent tinyint · MediaDescription nvarchar(255) ·
SoftwareName nvarchar(128) · SoftwareVendorId int · MediaDate datetime · Mirror_Count int · IsCompressed bit`;

const listOf = (text: string): string[] => text.split('·').map((column) => column.trim());

const kinds = new Map<unknown, string>([
  [sql.NVarChar, 'nvarchar'],
  [sql.NChar, 'nchar'],
  [sql.TinyInt, 'tinyint'],
  [sql.SmallInt, 'smallint'],
  [sql.Int, 'int'],
  [sql.BigInt, 'bigint'],
  [sql.Bit, 'bit'],
  [sql.DateTime, 'datetime'],
  [sql.Numeric, 'numeric'],
  [sql.UniqueIdentifier, 'uniqueidentifier'],
  [sql.VarBinary, 'varbinary'],
]);

function columnsOf(metadata: sql.IColumnMetadata): string[] {
  return Object.values(metadata)
    .toSorted((a, b) => a.index - b.index)
    .map((column) => {
      const type = column.type as unknown as () => sql.ISqlType;
      const kind = kinds.get(type) ?? kinds.get(type()?.type) ?? 'unknown';
      const size =
        kind === 'numeric'
          ? `(${column.precision},${column.scale})`
          : kind === 'nvarchar' || kind === 'nchar' || kind === 'varbinary'
            ? `(${kind === 'varbinary' ? column.length : Number(column.length) / 2})`
            : '';
      return `${column.name} ${kind}${size}`;
    });
}

contract('headers', [
  {
    name: 'HEADERONLY has 59 columns of these types, all nullable',
    source: captured,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const { columns } = await site.sa.must(about('HEADERONLY', path));
      assert.deepEqual(columnsOf(columns[0] ?? {}), listOf(headerColumns));
      assert.equal(listOf(headerColumns).length, 59);
      assert.ok(Object.values(columns[0] ?? {}).every(({ nullable }) => nullable));
    },
  },
  {
    name: 'FILELISTONLY has 22 columns of these types',
    source: captured,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const { columns } = await site.sa.must(about('FILELISTONLY', path));
      assert.deepEqual(columnsOf(columns[0] ?? {}), listOf(fileColumns));
      assert.equal(listOf(fileColumns).length, 22);
    },
  },
  {
    name: 'LABELONLY has 13 columns of the documented types, and one row',
    source: 'RESTORE LABELONLY (Transact-SQL); the types of the wire are not known',
    confirmed: false,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const { columns, sets } = await site.sa.must(about('LABELONLY', path));
      assert.deepEqual(columnsOf(columns[0] ?? {}), listOf(labelColumns));
      assert.equal(sets[0]?.length, 1);
    },
  },
  {
    name: 'INSERT … EXEC of HEADERONLY keeps all digits of the LSNs, as msdb has them',
    source: 'RESTORE HEADERONLY (Transact-SQL); backupset (Transact-SQL)',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path, "NAME = N'the name', DESCRIPTION = N'what for', CHECKSUM"));
      const table = listOf(headerColumns)
        .map((column) => column.replace(/^(\S+)/, '[$1]'))
        .join(', ');
      const header = await site.sa.row(`
        CREATE TABLE #header (${table});
        INSERT INTO #header EXEC (${quoteString(about('HEADERONLY', path))});
        SELECT CAST(FirstLSN AS varchar(25)) AS first, CAST(LastLSN AS varchar(25)) AS last,
               CAST(CheckpointLSN AS varchar(25)) AS checkpoint_, CONVERT(char(36), BackupSetGUID) AS id,
               BackupName AS name, BackupDescription AS description, Flags AS flags FROM #header;
        DROP TABLE #header`);
      const kept = await site.sa.row(`
        SELECT CAST(first_lsn AS varchar(25)) AS first, CAST(last_lsn AS varchar(25)) AS last,
               CAST(checkpoint_lsn AS varchar(25)) AS checkpoint_, CONVERT(char(36), backup_set_uuid) AS id,
               name, description, flags FROM msdb.dbo.backupset WHERE database_name = ${quoteString(shop)}`);
      assert.deepEqual(header, kept);
      assert.match(String(header['first']), /^\d{15,25}$/);
      assert.deepEqual([header['name'], header['description']], ['the name', 'what for']);
    },
  },
  {
    name: 'the kinds have these numbers, descriptions and flags',
    source: `${captured}; SQL Server 2022 observed on Windows`,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('kinds.bak')];
      await site.sa.must(backup(shop, path));
      await site.sa.must(backup(shop, path, 'DIFFERENTIAL'));
      await site.sa.must(backupLog(shop, path));
      await site.sa.must(backup(shop, path, 'COPY_ONLY, CHECKSUM'));
      const rows = await site.sa.rows(about('HEADERONLY', path));
      assert.deepEqual(
        rows.map((row) => [row['BackupType'], row['BackupTypeDescription'], row['Flags'], row['IsCopyOnly']]),
        [
          [1, 'Database', 512, false],
          [5, 'Database Differential', 2560, false],
          [2, 'Transaction Log', 512, false],
          [1, 'Database', 1552, true],
        ],
      );
    },
  },
  {
    name: 'the constant values of a header of a 2022 container',
    source: captured,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const row = await site.sa.row(about('HEADERONLY', path));
      const { server, machine } = await site.sa.row(
        `SELECT @@SERVERNAME AS server, CAST(SERVERPROPERTY('MachineName') AS nvarchar(128)) AS machine`,
      );
      const shown = [
        'DeviceType',
        'DatabaseVersion',
        'SoftwareVendorId',
        'SoftwareVersionMajor',
        'SoftwareVersionMinor',
      ];
      assert.deepEqual(
        shown.map((name) => row[name]),
        [2, 957, 4608, 16, 0],
      );
      const collation = [
        'SortOrder',
        'UnicodeLocaleId',
        'UnicodeComparisonStyle',
        'CodePage',
        'Collation',
        'CompatibilityLevel',
      ];
      assert.deepEqual(
        collation.map((name) => row[name]),
        [52, 1033, 196609, 0, 'SQL_Latin1_General_CP1_CI_AS', 160],
      );
      assert.deepEqual([row['ServerName'], row['MachineName'], row['DatabaseName']], [server, machine, shop]);
      assert.deepEqual([row['KeyAlgorithm'], row['ExpirationDate'], row['CompressionAlgorithm']], [null, null, null]);
      assert.deepEqual([row['RecoveryModel'], row['Position']], ['FULL', 1]);
    },
  },
  {
    name: 'COMPRESSION shows in the header as MS_XPRESS',
    source: captured,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path, 'COMPRESSION'));
      const row = await site.sa.row(about('HEADERONLY', path));
      assert.deepEqual([row['Compressed'], row['CompressionAlgorithm']], [1, 'MS_XPRESS']);
      assert.ok(BigInt(String(row['CompressedBackupSize'])) < BigInt(String(row['BackupSize'])));
    },
  },
  {
    name: 'a set that joins compressed media is compressed without being asked',
    source: captured,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path, 'COMPRESSION'));
      await site.sa.must(backup(shop, path));
      assert.deepEqual(
        (await site.sa.rows(about('HEADERONLY', path))).map((row) => row['Compressed']),
        [1, 1],
      );
    },
  },
  {
    name: 'the last valid restore time stands on logs only; header times are whole seconds',
    source: 'SQL Server 2022 observed on Windows',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('kinds.bak')];
      await site.sa.must(backup(shop, path));
      await site.sa.must(insert(shop, 'one'));
      await site.sa.must(backup(shop, path, 'DIFFERENTIAL'));
      await site.sa.must(backupLog(shop, path));
      const rows = await site.sa.rows(about('HEADERONLY', path));
      const valid = rows.map((row) => row['LastValidRestoreTime']);
      assert.deepEqual(valid.slice(0, 2), [null, null]);
      assert.ok(valid[2] instanceof Date);
      for (const row of rows) {
        for (const name of ['BackupStartDate', 'BackupFinishDate']) {
          const at = row[name];
          assert.ok(at instanceof Date);
          assert.equal(at.getUTCMilliseconds(), 0, name);
        }
      }
      assert.equal(valid[2].getUTCMilliseconds(), 0);
      assert.ok(valid[2].getTime() <= (rows[2]?.['BackupFinishDate'] as Date).getTime());
    },
  },
  {
    name: 'the zone of a log backup counts quarter hours from UTC',
    source: 'SQL Server 2022 observed on Windows; backupset (Transact-SQL), time_zone',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('log.trn')];
      await site.sa.must(backup(shop, site.path('full.bak')));
      await site.sa.must(backupLog(shop, path));
      const { quarters } = await site.sa.row(`SELECT DATEPART(tz, SYSDATETIMEOFFSET()) / 15 AS quarters`);
      assert.equal((await site.sa.row(about('HEADERONLY', path)))['TimeZone'], quarters);
    },
  },
  {
    name: 'the file list: data and log, with none as 0 and zeros',
    source: captured,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const files = await site.sa.rows(about('FILELISTONLY', path));
      assert.deepEqual(
        files.map((file) => [
          file['LogicalName'],
          file['Type'],
          file['FileGroupName'],
          file['FileGroupId'],
          file['MaxSize'],
        ]),
        [
          [shop, 'D', 'PRIMARY', 1, '35184372080640'],
          [`${shop}_log`, 'L', null, 0, '2199023255552'],
        ],
      );
      assert.deepEqual(
        files.map((file) => [
          file['FileId'],
          file['SourceBlockSize'],
          file['DropLSN'],
          file['IsPresent'],
          file['LogGroupGUID'],
        ]),
        [
          ['1', 4096, 0, true, null],
          ['2', 4096, 0, true, null],
        ],
      );
      assert.equal(files[0]?.['DifferentialBaseGUID'], '00000000-0000-0000-0000-000000000000');
      assert.match(String(files[0]?.['PhysicalName']), /^\/var\/opt\/mssql\/data\/.*\.mdf$/);
    },
  },
  {
    name: 'a label: the software, one family, no name',
    source: 'RESTORE LABELONLY (Transact-SQL); backupmediaset as captured; no capture of LABELONLY itself',
    confirmed: false,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const row = await site.sa.row(about('LABELONLY', path));
      assert.deepEqual([row['SoftwareName'], row['SoftwareVendorId']], ['Microsoft SQL Server', 4608]);
      assert.deepEqual([row['FamilyCount'], row['FamilySequenceNumber'], row['MediaSequenceNumber']], [1, 1, 1]);
      assert.deepEqual([row['MediaName'], row['Mirror_Count']], [null, 1]);
    },
  },
]);
