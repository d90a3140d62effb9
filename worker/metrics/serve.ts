import type { Address } from '../environment.ts';
import { serve, type Served } from '../http-server.ts';

export interface MetricsSources {
  /** This project's own gauges, as text. */
  readonly own: () => string;
  /** Address of the SDK's exporter, which has everything else. */
  readonly sdk: string;
}

const sdkTimeoutMs = 5_000;

/**
 * GET /metrics: the SDK's exporter and what stands beside it, as one page. The SDK cannot forget a series, and a database that is
 * gone must be forgotten; so gauges of databases are kept here. Should the SDK's part not come, the scrape is refused as a whole:
 * half a page would let counters seem to vanish, while a failed scrape is noticed by `up`.
 */
export function serveMetrics(address: Address, { own, sdk }: MetricsSources): Promise<Served> {
  const page = async (): Promise<string> => {
    const response = await fetch(`http://${sdk}/metrics`, { signal: AbortSignal.timeout(sdkTimeoutMs) });
    if (!response.ok) throw new Error(`the SDK's exporter answers ${response.status}`);
    const text = await response.text();
    return `${text.endsWith('\n') || text === '' ? text : `${text}\n`}${own()}`;
  };
  return serve(address, (request, response) => {
    const wanted = request.method === 'GET' && (request.url ?? '').split('?', 1)[0] === '/metrics';
    if (!wanted) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('GET /metrics\n');
      return;
    }
    page().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      (error: unknown) => response.writeHead(503, { 'content-type': 'text/plain' }).end(`${String(error)}\n`),
    );
  });
}
