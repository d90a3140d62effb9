import { existsSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import type { Settings } from '../../workflows/domain/settings.ts';
import { configPath, loadSettings } from '../config.ts';
import { connectClient } from '../connect.ts';
import type { ExitCode } from '../exit-codes.ts';
import { openScreen, type Screen } from '../show/screen.ts';

export interface SessionOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export interface Session {
  readonly client: Client;
  readonly namespace: string;
  readonly screen: Screen;
}

/** Connects, works, disconnects. */
export async function withTemporal(
  { json = false }: SessionOptions,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { client, namespace, close } = await connectClient();
  try {
    return await work({ client, namespace, screen: openScreen(json) });
  } finally {
    await close();
  }
}

/**
 * The settings are the worker's: a machine that only starts runs needs no file. Where there is one, what it refuses is
 * refused before Temporal is asked.
 */
export function settingsHere({ config }: SessionOptions): Settings | null {
  const { path, named } = configPath({ path: config });
  return named || existsSync(path) ? loadSettings({ path: config }) : null;
}

export function taskQueueOf(settings: Settings | null): string {
  return settings?.taskQueue ?? 'mssql-pitr';
}
