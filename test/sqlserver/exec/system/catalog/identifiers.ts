/** Ids that the engine does not keep: derived from what an object is, so that they are the same in every query. */

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Constraints and other parts of a table, which have object ids of their own. Positive, as those of user objects are. */
export const partId = (tableId: number, kind: string, name: string): number =>
  0x40000000 + (fnv1a(`${tableId}/${kind}/${name.toLowerCase()}`) & 0x3fffffff);

/** System objects: negative. */
export const systemObjectId = (schema: string, name: string): number =>
  -(0x10000000 + (fnv1a(`${schema}.${name}`.toLowerCase()) & 0x0fffffff));

/** hobt_id, partition_id and allocation_unit_id: 72057594037927936 upward on a real server. */
export const partitionId = (tableId: number, indexId: number): bigint =>
  72_057_594_037_927_936n + BigInt(tableId) * 1024n + BigInt(indexId);

export const allocationUnitId = (tableId: number, indexId: number): bigint =>
  partitionId(tableId, indexId) + 72_057_594_037_927_936n;
