/** JSON that keeps bigints: definitions carry identity seeds, moments carry ticks. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? { $n: item.toString() } : item));
}

export function fromJson<T>(text: string): T {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || !('$n' in item)) return item;
    return BigInt(String(item.$n));
  }) as T;
}
