import { ByteReader } from './bytes.ts';

export const TDS_7_3 = 0x730a0003;
export const TDS_7_4 = 0x74000004;
export const TDS_8_0 = 0x08000000;

/** MS-TDS 2.2.6.4 LOGIN7. */
export interface Login7 {
  readonly tdsVersion: number;
  readonly packetSize: number;
  readonly integratedSecurity: boolean;
  readonly changesPassword: boolean;
  readonly hostName: string;
  readonly user: string;
  readonly password: string;
  readonly appName: string;
  readonly libraryName: string;
  readonly language: string;
  readonly database: string;
  /** Ids of the feature extensions the client asks for. */
  readonly features: ReadonlySet<number>;
}

export const Feature = { federatedAuthentication: 0x02, utf8Support: 0x0a } as const;

const INTEGRATED_SECURITY = 0x80;
const CHANGES_PASSWORD = 0x01;
const HAS_EXTENSION = 0x10;

export function readLogin7(payload: Buffer): Login7 {
  const reader = new ByteReader(payload);
  reader.u32();
  const tdsVersion = reader.u32();
  const packetSize = reader.u32();
  reader.bytes(13);
  const flags2 = reader.u8();
  reader.u8();
  const flags3 = reader.u8();
  reader.bytes(8);
  const field = (): Buffer => {
    const offset = reader.u16();
    const length = reader.u16();
    return new ByteReader(payload, offset).bytes(length * 2);
  };
  const text = (): string => field().toString('utf16le');
  const hostName = text();
  const user = text();
  const password = clearPassword(field());
  const appName = text();
  text();
  const extensionAt = reader.u16();
  reader.u16();
  const libraryName = text();
  const language = text();
  const database = text();
  return {
    tdsVersion,
    packetSize,
    changesPassword: (flags3 & CHANGES_PASSWORD) !== 0,
    integratedSecurity: (flags2 & INTEGRATED_SECURITY) !== 0,
    hostName,
    user,
    password,
    appName,
    libraryName,
    language,
    database,
    features: (flags3 & HAS_EXTENSION) === 0 ? new Set() : readFeatures(payload, extensionAt),
  };
}

function clearPassword(bytes: Buffer): string {
  const clear = bytes.map((byte) => {
    const plain = byte ^ 0xa5;
    return ((plain << 4) | (plain >> 4)) & 0xff;
  });
  return Buffer.from(clear).toString('utf16le');
}

function readFeatures(payload: Buffer, extensionAt: number): ReadonlySet<number> {
  const reader = new ByteReader(payload, payload.readUInt32LE(extensionAt));
  const features = new Set<number>();
  for (let id = reader.u8(); id !== 0xff; id = reader.u8()) {
    features.add(id);
    reader.bytes(reader.u32());
  }
  return features;
}
