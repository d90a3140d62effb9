import { startServices, type Services } from '../support/services.ts';
import { startStack } from '../support/stack.ts';
import type { E2EOptions, RealServer } from './options.ts';

/** The services of a rehearsal: over a simulated server, or over two real ones. */
export async function startRehearsalStack(folder: string, options: E2EOptions): Promise<Services> {
  const { real } = options;
  if (real === null) return startStack({ folder });
  return startServices({
    folder,
    instances: { 'mssql-rt': declared(real.source, real.user), 'mssql-rt-target': declared(real.target, real.user) },
    env: { MSSQL_SA_PASSWORD: process.env['MSSQL_SA_PASSWORD'] ?? '' },
  });
}

function declared({ host, port, dataRoot }: RealServer, user: string): object {
  return {
    platform: 'local',
    host,
    port,
    login: { user, password: { env: 'MSSQL_SA_PASSWORD' } },
    tls: { encrypt: true, trustServerCertificate: true },
    dataRoot,
    store: 'main',
  };
}
