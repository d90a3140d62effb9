/** An object as the fake API server keeps it. */
export interface FakeObject {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    resourceVersion: string;
    creationTimestamp: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { uid: string }[];
    deletionTimestamp?: string;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [field: string]: unknown;
}

export type Change = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Does an object match the selectors of a query? */
export function matches(object: FakeObject, query: URLSearchParams): boolean {
  const labels = pairs(query.get('labelSelector')).every(([key, value]) => object.metadata.labels?.[key] === value);
  return labels && pairs(query.get('fieldSelector')).every(([path, value]) => field(object, path) === value);
}

function pairs(text: string | null): [string, string][] {
  if (!text) return [];
  return text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

function field(object: FakeObject, path: string): unknown {
  let value: unknown = object;
  for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step];
  return value;
}
