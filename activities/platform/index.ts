import { areLocal, areOnCluster, type Settings } from '../../workflows/domain/settings.ts';
import { KubernetesPlatform } from './kubernetes/kubernetes-platform.ts';
import { LocalPlatform } from './local/local-platform.ts';
import type { Platform } from './platform.ts';

/** The platform that the settings ask for. */
export function createPlatform(settings: Settings): Platform {
  if (areLocal(settings)) return new LocalPlatform(settings);
  if (areOnCluster(settings)) return new KubernetesPlatform({ settings });
  throw new TypeError('The instances of a worker are on one platform');
}
