import type { Fleet } from '../../activities/fleet/fleet.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import type { Address } from '../environment.ts';
import { freePort } from '../free-port.ts';
import { exposition } from './exposition.ts';
import { fleetFamilies } from './families.ts';
import { serveMetrics } from './serve.ts';
import { version } from './version.ts';

export interface MetricsPage {
  /** With the port that was really bound. */
  readonly address: string;
  /** Where the SDK's exporter has to listen: on the loopback interface, for this page alone. */
  readonly exporter: string;
  close(): Promise<void>;
}

/** The page that Prometheus reads. Until the SDK's exporter listens it answers 503, which Prometheus takes for down. */
export async function openMetricsPage(
  address: Address,
  { fleet, settings }: { readonly fleet: Fleet; readonly settings: Settings },
): Promise<MetricsPage> {
  const exporter = `127.0.0.1:${await freePort()}`;
  const declared = Object.keys(settings.instances);
  const server = await serveMetrics(address, {
    own: () => exposition(fleetFamilies({ fleet, declared, version })),
    sdk: exporter,
  });
  return { ...server, exporter };
}
