import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With query. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** Sends requests to the API server that a kubeconfig names, with its credentials. */
export type Transport = (request: Request) => Promise<IncomingMessage>;

/**
 * The library knows where the cluster is and how to log in, and renews tokens; the requests are our own. Its generated
 * client opens a connection for every request, puts headers into error messages, and drops the fields of an object that
 * its version does not know, which must survive when a StatefulSet is copied.
 */
export function openTransport(config: () => Promise<KubeConfig>): Transport {
  const agents = new Map<string, HttpAgent>();
  return async ({ method, path, body, signal }) => {
    const loaded = await config();
    const cluster = loaded.getCurrentCluster();
    if (cluster === null) throw new Error('The kubeconfig names no current cluster');
    const options: RequestOptions = {};
    await loaded.applyToHTTPSOptions(options);
    const url = new URL(`${cluster.server.replace(/\/+$/, '')}${path}`);
    const secure = url.protocol === 'https:';
    const json = body === undefined ? null : JSON.stringify(body);
    const outgoing = (secure ? httpsRequest : httpRequest)(url, {
      ...options,
      ...(cluster.proxyUrl ? {} : { agent: agentFor(agents, options, secure) }),
      method,
      signal,
      headers: {
        ...options.headers,
        accept: 'application/json',
        'user-agent': 'mssql-pitr',
        ...(json === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }),
      },
    });
    return new Promise((resolve, reject) => {
      outgoing.once('response', resolve).once('error', reject);
      outgoing.end(json ?? undefined);
    });
  };
}

/** One for as long as certificates stay the same, so that connections are used again. */
function agentFor(agents: Map<string, HttpAgent>, options: RequestOptions, secure: boolean): HttpAgent {
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  const trust = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(servername === undefined ? {} : { servername }),
  };
  const name = JSON.stringify([secure, trust]);
  const known = agents.get(name);
  if (known !== undefined) return known;
  // The old one is not destroyed: requests may still be under way on it.
  agents.clear();
  const agent = secure ? new HttpsAgent({ keepAlive: true, ...trust }) : new HttpAgent({ keepAlive: true });
  agents.set(name, agent);
  return agent;
}
