import type { TransactionRequest } from '../contracts.ts';
import { ByteReader } from './bytes.ts';
import { skipAllHeaders } from './headers.ts';
import { Unsupported } from './unsupported.ts';

/** MS-TDS 2.2.6.9 Transaction Manager Request. */
const Kind = { begin: 5, commit: 7, rollback: 8, save: 9 } as const;
const BEGIN_NEXT = 0x01;

export function readTransactionRequest(payload: Buffer): TransactionRequest {
  const reader = new ByteReader(payload);
  skipAllHeaders(reader);
  const kind = reader.u16();
  const name = (): string => reader.bytes(reader.u8()).toString('utf16le');
  switch (kind) {
    case Kind.begin: {
      const isolation = reader.u8();
      return { kind: 'begin', isolation, name: name() };
    }
    case Kind.commit:
    case Kind.rollback: {
      const ended = name();
      const beginNext = reader.remaining > 0 && (reader.u8() & BEGIN_NEXT) !== 0;
      return { kind: kind === Kind.commit ? 'commit' : 'rollback', name: ended, beginNext };
    }
    case Kind.save:
      return { kind: 'save', name: name() };
    default:
      throw new Unsupported(
        `The transaction manager request ${kind} (distributed transactions) is not supported by this server.`,
      );
  }
}
