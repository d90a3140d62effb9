import type { Instance } from '../../../contracts.ts';
import { sameName } from '../values.ts';

export interface ServerOption {
  readonly id: number;
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly initial: number;
  readonly description: string;
  readonly isDynamic: boolean;
  readonly isAdvanced: boolean;
}

const max = 2_147_483_647;

/** [configuration_id, name, minimum, maximum, default, dynamic, advanced, description]: Server Configuration Options. */
const rows: readonly (readonly [number, string, number, number, number, 0 | 1, 0 | 1, string])[] = [
  [101, 'recovery interval (min)', 0, 32767, 0, 1, 1, 'Maximum recovery interval in minutes'],
  [102, 'allow updates', 0, 1, 0, 1, 0, 'Allow updates to system tables'],
  [103, 'user connections', 0, 32767, 0, 0, 1, 'Number of user connections allowed'],
  [106, 'locks', 5000, max, 0, 0, 1, 'Number of locks for all users'],
  [107, 'open objects', 0, max, 0, 0, 1, 'Number of open database objects'],
  [109, 'fill factor (%)', 0, 100, 0, 0, 1, 'Default fill factor percentage'],
  [114, 'disallow results from triggers', 0, 1, 0, 1, 1, 'Disallow returning results from triggers'],
  [115, 'nested triggers', 0, 1, 1, 1, 0, 'Allow triggers to be invoked within triggers'],
  [116, 'server trigger recursion', 0, 1, 1, 1, 0, 'Allow recursion for server level triggers'],
  [117, 'remote access', 0, 1, 1, 0, 0, 'Allow remote access'],
  [124, 'default language', 0, 9999, 0, 1, 0, 'default language'],
  [400, 'cross db ownership chaining', 0, 1, 0, 1, 0, 'Allow cross db ownership chaining'],
  [503, 'max worker threads', 128, 65535, 0, 1, 1, 'Maximum worker threads'],
  [505, 'network packet size (B)', 512, 32767, 4096, 1, 1, 'Network packet size'],
  [518, 'show advanced options', 0, 1, 0, 1, 0, 'show advanced options'],
  [542, 'remote proc trans', 0, 1, 0, 1, 0, 'Create DTC transaction for remote procedures'],
  [544, 'c2 audit mode', 0, 1, 0, 0, 1, 'c2 audit mode'],
  [1126, 'default full-text language', 0, max, 1033, 1, 1, 'default full-text language'],
  [1127, 'two digit year cutoff', 1753, 9999, 2049, 1, 1, 'two digit year cutoff'],
  [1505, 'index create memory (KB)', 704, max, 0, 1, 1, 'Memory for index create sorts (kBytes)'],
  [1517, 'priority boost', 0, 1, 0, 0, 1, 'Priority boost'],
  [1519, 'remote login timeout (s)', 0, max, 10, 1, 0, 'remote login timeout'],
  [1520, 'remote query timeout (s)', 0, max, 600, 1, 0, 'remote query timeout'],
  [1531, 'cursor threshold', -1, max, -1, 1, 1, 'cursor threshold'],
  [1532, 'set working set size', 0, 1, 0, 0, 1, 'set working set size'],
  [1534, 'user options', 0, 32767, 0, 1, 0, 'user options'],
  [1535, 'affinity mask', -2_147_483_648, max, 0, 1, 1, 'affinity mask'],
  [1536, 'max text repl size (B)', -1, max, 65536, 1, 0, 'Maximum size of a text field in replication.'],
  [1537, 'media retention', 0, 365, 0, 1, 1, 'Tape retention period in days'],
  [1538, 'cost threshold for parallelism', 0, 32767, 5, 1, 1, 'cost threshold for parallelism'],
  [1539, 'max degree of parallelism', 0, 32767, 0, 1, 1, 'maximum degree of parallelism'],
  [1540, 'min memory per query (KB)', 512, max, 1024, 1, 1, 'minimum memory per query (kBytes)'],
  [1541, 'query wait (s)', -1, max, -1, 1, 1, 'maximum time to wait for query memory (s)'],
  [1543, 'min server memory (MB)', 0, max, 0, 1, 1, 'Minimum size of server memory (MB)'],
  [1544, 'max server memory (MB)', 128, max, max, 1, 1, 'Maximum size of server memory (MB)'],
  [1545, 'query governor cost limit', 0, max, 0, 1, 1, 'Maximum estimated cost allowed by query governor'],
  [1546, 'lightweight pooling', 0, 1, 0, 0, 1, 'User mode scheduler uses lightweight pooling'],
  [1547, 'scan for startup procs', 0, 1, 0, 0, 1, 'scan for startup stored procedures'],
  [1562, 'clr enabled', 0, 1, 0, 1, 0, 'CLR user code execution enabled in the server'],
  [1563, 'max full-text crawl range', 0, 256, 4, 1, 1, 'Maximum  crawl ranges allowed in full-text indexing'],
  [1568, 'default trace enabled', 0, 1, 1, 1, 1, 'Enable or disable the default trace'],
  [1569, 'blocked process threshold (s)', 0, 86400, 0, 1, 1, 'Blocked process reporting threshold'],
  [1570, 'in-doubt xact resolution', 0, 2, 0, 1, 1, 'Recovery policy for DTC transactions with unknown outcome'],
  [1576, 'remote admin connections', 0, 1, 0, 1, 0, 'Dedicated Admin Connections are allowed from remote clients'],
  [1577, 'common criteria compliance enabled', 0, 1, 0, 0, 1, 'Common Criteria compliance mode enabled'],
  [1578, 'EKM provider enabled', 0, 1, 0, 1, 1, 'Enable or disable EKM provider'],
  [1579, 'backup compression default', 0, 1, 0, 1, 0, 'Enable compression of backups by default'],
  [1580, 'filestream access level', 0, 2, 0, 1, 0, 'Sets the FILESTREAM access level'],
  [
    1581,
    'optimize for ad hoc workloads',
    0,
    1,
    0,
    1,
    1,
    'When this option is set, plan cache size is further reduced for a single-use adhoc OLTP workload.',
  ],
  [
    1582,
    'access check cache bucket count',
    0,
    65536,
    0,
    1,
    1,
    'Default hash bucket count for the access check result security cache',
  ],
  [1583, 'access check cache quota', 0, max, 0, 1, 1, 'Default quota for the access check result security cache'],
  [1584, 'backup checksum default', 0, 1, 0, 1, 0, 'Enable checksum of backups by default'],
  [1588, 'ADR cleaner retry timeout (min)', 0, 32767, 15, 1, 1, 'ADR cleaner retry timeout.'],
  [
    1590,
    'hadoop connectivity',
    0,
    7,
    0,
    0,
    0,
    'Configure SQL Server to connect to external Hadoop or Microsoft Azure storage blob data sources through PolyBase',
  ],
  [1593, 'external scripts enabled', 0, 1, 0, 1, 0, 'Allows execution of external scripts'],
  [1594, 'clr strict security', 0, 1, 1, 1, 1, 'CLR strict security enabled in the server'],
  [1596, 'tempdb metadata memory-optimized', 0, 1, 0, 0, 1, 'Tempdb metadata memory-optimized is disabled by default.'],
  [1597, 'ADR Preallocation Factor', 0, 32767, 4, 1, 1, 'ADR Preallocation Factor'],
  [1608, 'backup compression algorithm', 0, 2, 0, 1, 0, 'Configure default backup compression algorithm'],
  [16384, 'Agent XPs', 0, 1, 0, 1, 1, 'Enable or disable Agent XPs'],
  [16386, 'Database Mail XPs', 0, 1, 0, 1, 1, 'Enable or disable Database Mail XPs'],
  [16387, 'SMO and DMO XPs', 0, 1, 1, 1, 1, 'Enable or disable SMO and DMO XPs'],
  [16388, 'Ole Automation Procedures', 0, 1, 0, 1, 1, 'Enable or disable Ole Automation Procedures'],
  [16390, 'xp_cmdshell', 0, 1, 0, 1, 1, 'Enable or disable command shell'],
  [16391, 'Ad Hoc Distributed Queries', 0, 1, 0, 1, 1, 'Enable or disable Ad Hoc Distributed Queries'],
  [16392, 'Replication XPs', 0, 1, 0, 1, 1, 'Enable or disable Replication XPs'],
  [
    16393,
    'contained database authentication',
    0,
    1,
    0,
    1,
    0,
    'Enables contained databases and contained authentication',
  ],
];

export const serverOptions: readonly ServerOption[] = rows.map(
  ([id, name, minimum, maximum, initial, dynamic, advanced, description]) => ({
    id,
    name,
    minimum,
    maximum,
    initial,
    description,
    isDynamic: dynamic === 1,
    isAdvanced: advanced === 1,
  }),
);

/** Values that sp_configure has set and RECONFIGURE has not installed yet. */
const pending = new WeakMap<Instance, Map<string, number>>();

export const valueInUse = (instance: Instance, option: ServerOption): number =>
  instance.configuration.get(option.name) ?? option.initial;

export const configuredValue = (instance: Instance, option: ServerOption): number =>
  pending.get(instance)?.get(option.name) ?? valueInUse(instance, option);

export function configure(instance: Instance, option: ServerOption, value: number): void {
  const values = pending.get(instance) ?? new Map<string, number>();
  values.set(option.name, value);
  pending.set(instance, values);
}

/** RECONFIGURE: installs what sp_configure has set. Options that are not dynamic wait for a restart. */
export function reconfigure(instance: Instance): void {
  for (const [name, value] of pending.get(instance) ?? []) {
    if (serverOptions.find((option) => option.name === name)?.isDynamic === false) continue;
    instance.configuration.set(name, value);
    pending.get(instance)?.delete(name);
  }
}

/** A unique leading part of the name is enough, as for sp_configure. */
export function findOptions(instance: Instance, text: string): readonly ServerOption[] {
  const visible = visibleOptions(instance);
  const exact = visible.filter((option) => sameName(option.name, text));
  return exact.length > 0 ? exact : visible.filter((option) => option.name.toLowerCase().includes(text.toLowerCase()));
}

export function visibleOptions(instance: Instance): readonly ServerOption[] {
  const advanced = serverOptions.find((option) => option.name === 'show advanced options');
  const shown = advanced !== undefined && valueInUse(instance, advanced) === 1;
  return serverOptions.filter((option) => shown || !option.isAdvanced);
}
