import type { Variant } from '../../../contracts.ts';
import type { SystemContext } from '../contract.ts';
import { int, niladic, nvarchar, scalar, sysname, anyType } from '../function.ts';
import { textArg, variant, variantInt, variantText } from '../values.ts';
import { editionText, productVersion, versionText } from '../version.ts';

/** EditionID by the name in front of "Edition": SERVERPROPERTY (Transact-SQL). */
const editionIds: readonly (readonly [string, number])[] = [
  ['Enterprise Evaluation', 610_778_273],
  ['Enterprise Edition: Core', 1_872_460_670],
  ['Enterprise', 1_804_890_536],
  ['Developer', -2_117_995_310],
  ['Express', -1_592_396_055],
  ['Standard', -1_534_726_760],
  ['Web', 1_293_598_313],
];

function engineEdition(edition: string): number {
  if (/^(Standard|Web|Business)/.test(edition)) return 2;
  return edition.startsWith('Express') ? 4 : 3;
}

const editionId = (edition: string): bigint =>
  BigInt(editionIds.find(([name]) => edition.startsWith(name))?.[1] ?? -2_117_995_310);

type Property = (context: SystemContext) => Variant | null;

const text =
  (value: (context: SystemContext) => string | null): Property =>
  (context) =>
    variantText(value(context));
const number =
  (value: (context: SystemContext) => number | null): Property =>
  (context) =>
    variantInt(value(context));

/** `server\instance`: the default instance has no name of its own. */
const instanceName = (serverName: string): string | null => serverName.split('\\')[1] ?? null;
const machineName = (serverName: string): string => serverName.split('\\')[0] as string;

/** A path of a default folder ends in a slash. */
const folder = (path: string): string => (path.endsWith('/') ? path : `${path}/`);

const properties: Readonly<Record<string, Property>> = {
  BuildClrVersion: text(() => 'v4.0.30319'),
  Collation: text(({ instance }) => instance.database('master')?.collation ?? null),
  CollationID: number(() => 872_468_488),
  ComparisonStyle: number(() => 196_609),
  ComputerNamePhysicalNetBIOS: text(({ instance }) => machineName(instance.serverName)),
  Edition: text(({ instance }) => editionText(instance)),
  EditionID: ({ instance }) => variant({ name: 'bigint' }, editionId(instance.edition)),
  EngineEdition: number(({ instance }) => engineEdition(instance.edition)),
  FilestreamConfiguredLevel: number(() => 0),
  FilestreamEffectiveLevel: number(() => 0),
  FilestreamShareName: text(() => 'MSSQLSERVER'),
  HadrManagerStatus: number(() => 2),
  InstanceDefaultBackupPath: text(({ instance }) => instance.defaultBackupPath),
  InstanceDefaultDataPath: text(({ instance }) => folder(instance.defaultDataPath)),
  InstanceDefaultLogPath: text(({ instance }) => folder(instance.defaultLogPath)),
  InstanceName: text(({ instance }) => instanceName(instance.serverName)),
  IsAdvancedAnalyticsInstalled: number(() => 0),
  IsBigDataCluster: number(() => 0),
  IsClustered: number(() => 0),
  IsExternalAuthenticationOnly: number(() => 0),
  IsExternalGovernanceEnabled: number(() => 0),
  IsFullTextInstalled: number(() => 0),
  IsHadrEnabled: number(() => 0),
  IsIntegratedSecurityOnly: number(() => 0),
  IsLocalDB: number(() => 0),
  IsPolyBaseInstalled: number(() => 0),
  IsServerSuspendedForSnapshotBackup: number(() => 0),
  IsSingleUser: number(() => 0),
  IsTempDbMetadataMemoryOptimized: number(() => 0),
  IsXTPSupported: number(() => 1),
  LCID: number(() => 1033),
  LicenseType: text(() => 'DISABLED'),
  MachineName: text(({ instance }) => machineName(instance.serverName)),
  NumLicenses: number(() => null),
  PathSeparator: text(() => '/'),
  ProcessID: number(() => process.pid),
  ProductBuild: text(({ instance }) => String(instance.version[2])),
  ProductBuildType: text(() => null),
  ProductLevel: text(() => 'RTM'),
  ProductMajorVersion: text(({ instance }) => String(instance.version[0])),
  ProductMinorVersion: text(({ instance }) => String(instance.version[1])),
  ProductUpdateLevel: text(({ instance }) => productVersion(instance).update),
  ProductUpdateReference: text(({ instance }) => productVersion(instance).article),
  ProductVersion: text(({ instance }) => productVersion(instance).text),
  ResourceVersion: text(({ instance }) => {
    const [major, minor, build] = instance.version;
    return `${major}.${String(minor).padStart(2, '0')}.${build}`;
  }),
  ServerName: text(({ instance }) => instance.serverName),
  SqlCharSet: () => variant({ name: 'tinyint' }, 1),
  SqlCharSetName: text(() => 'iso_1'),
  SqlSortOrder: () => variant({ name: 'tinyint' }, 52),
  SqlSortOrderName: text(() => 'nocase_iso'),
  SuspendedDatabaseCount: number(() => 0),
};

const byLowerCase = new Map(Object.entries(properties).map(([name, property]) => [name.toLowerCase(), property]));

export const serverFunctions = [
  scalar('SERVERPROPERTY', { propertyname: sysname }, anyType, (context, [name]) => {
    const property = byLowerCase.get((textArg(name) ?? '').trim().toLowerCase());
    return property?.(context) ?? null;
  }),
  scalar('FULLTEXTSERVICEPROPERTY', { property: sysname }, int, (_context, [name]) =>
    textArg(name)?.toLowerCase() === 'isfulltextinstalled' ? 0 : null,
  ),
  niladic('@@VERSION', nvarchar(300), ({ instance }) => versionText(instance)),
  niladic('@@SERVERNAME', sysname, ({ instance }) => instance.serverName),
  niladic('@@SERVICENAME', sysname, ({ instance }) => instanceName(instance.serverName) ?? 'MSSQLSERVER'),
  niladic('@@MAX_CONNECTIONS', int, () => 32_767),
  niladic('@@MAX_PRECISION', { name: 'tinyint' }, () => 38),
  niladic(
    '@@MICROSOFTVERSION',
    int,
    ({ instance: { version } }) => (version[0] << 24) | (version[1] << 16) | version[2],
  ),
  niladic('@@REMSERVER', sysname, () => null),
];
