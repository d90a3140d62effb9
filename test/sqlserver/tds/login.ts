import { SqlError } from '../contracts.ts';
import type { LoginRequest, Session, SqlServer } from '../contracts.ts';
import { Feature, TDS_7_3, TDS_8_0 } from './login7.ts';
import type { Login7 } from './login7.ts';
import { Unsupported } from './unsupported.ts';

const DEFAULT_PACKET_SIZE = 4096;
const MIN_PACKET_SIZE = 512;
const MAX_PACKET_SIZE = 32_767;
/** Encrypted connections are limited to less ("Configure the network packet size", SQL Server documentation). */
const MAX_ENCRYPTED_PACKET_SIZE = 16_383;

export function negotiatePacketSize(wish: number, encrypted: boolean): number {
  if (wish === 0) return DEFAULT_PACKET_SIZE;
  return Math.min(Math.max(wish, MIN_PACKET_SIZE), encrypted ? MAX_ENCRYPTED_PACKET_SIZE : MAX_PACKET_SIZE);
}

/** @throws SqlError when this server cannot let such a client in, or {@link SqlServer.login} does not. */
export async function logIn(
  server: SqlServer,
  login: Login7,
  connection: Required<Pick<LoginRequest, 'clientAddress' | 'disconnect'>>,
): Promise<Session> {
  if (login.tdsVersion !== TDS_8_0 && login.tdsVersion < TDS_7_3) {
    throw new Unsupported('This server speaks TDS 7.3 and later only.');
  }
  if (login.features.has(Feature.federatedAuthentication)) {
    throw new Unsupported('Federated authentication is not supported by this server.');
  }
  if (login.changesPassword) {
    throw new Unsupported('A change of the password during the login is not supported by this server.');
  }
  if (login.integratedSecurity) {
    const text =
      'Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.';
    throw new SqlError({ number: 18452, class: 14, state: 1, text });
  }
  const { user, password, database, hostName, appName, libraryName, language } = login;
  return server.login({ user, password, database, hostName, appName, libraryName, language, ...connection });
}
