import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';

export interface KeyPair {
  /** PEM */
  readonly key: string;
  /** PEM */
  readonly cert: string;
}

export interface Certificates {
  readonly context: SecureContext;
  /** TDS 8. */
  readonly strictContext: SecureContext;
}

/** TDS 7.x ends at TLS 1.2, TDS 8.0 adds 1.3 ("TDS 8.0", SQL Server documentation). */
export function loadCertificates({ key, cert }: KeyPair): Certificates {
  return {
    context: createSecureContext({ key, cert, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }),
    strictContext: createSecureContext({ key, cert, minVersion: 'TLSv1.2' }),
  };
}
