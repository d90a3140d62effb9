/** Epoch milliseconds as a person would type them into a request: UTC, with milliseconds only where there are any. */
export function moment(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
