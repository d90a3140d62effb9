import type { Settings } from '../../workflows/domain/settings.ts';
import { LocalPlatform } from './local/local-platform.ts';
import type { Platform } from './platform.ts';

/** The platform that the settings ask for. */
export function createPlatform(settings: Settings): Platform {
  return new LocalPlatform(settings);
}
