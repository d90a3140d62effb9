export const provisionerName = 'mssql-pitr.example/node-folder';

export interface StorageClass {
  readonly name: string;
  readonly isDefault: boolean;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A folder of the node that uses it first: no limit but the disk's. */
export const standardClass: StorageClass = { name: 'standard', isDefault: true, parameters: {} };

/** Holds as many bytes as the claim requests, and then the disk is full. Its contents end with the node. */
export const limitedClass: StorageClass = { name: 'limited', isDefault: false, parameters: { limit: 'request' } };
