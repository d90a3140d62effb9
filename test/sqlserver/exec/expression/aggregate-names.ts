const AGGREGATES = new Set([
  'COUNT',
  'COUNT_BIG',
  'SUM',
  'AVG',
  'MIN',
  'MAX',
  'STRING_AGG',
  'STDEV',
  'STDEVP',
  'VAR',
  'VARP',
  'CHECKSUM_AGG',
]);

export function isAggregate(name: string): boolean {
  return AGGREGATES.has(name);
}
