/** The server's control port: HTTP on loopback, JSON both ways. */
export interface SqlServerControl {
  readonly url: string;
  request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
}

export function controlOf(port: number): SqlServerControl {
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    async request(method, path, body) {
      const response = await fetch(`${url}${path}`, {
        method,
        // A place that is never reached must fail its test, not hang it.
        signal: AbortSignal.timeout(120_000),
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
  };
}
