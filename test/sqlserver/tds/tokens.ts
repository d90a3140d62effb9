import type { EnvChange, ResultColumn, SqlMessage } from '../contracts.ts';
import type { ByteWriter } from './bytes.ts';
import { DEFAULT_COLLATION } from './types/collation.ts';
import type { WireType } from './types/wire-type.ts';
import { wireType } from './types/write.ts';

/** MS-TDS 2.2.7 Packet Data Token Stream Definition. */
export const Token = {
  returnStatus: 0x79,
  columnMetadata: 0x81,
  error: 0xaa,
  info: 0xab,
  loginAck: 0xad,
  featureExtAck: 0xae,
  returnValue: 0xac,
  row: 0xd1,
  envChange: 0xe3,
  done: 0xfd,
  doneProc: 0xfe,
  doneInProc: 0xff,
} as const;

export const DoneStatus = { more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const;

/** CurCmd of DONE tokens that belong to no statement (compile errors, the acknowledgement of an attention). */
export const NO_COMMAND = 253;
export const EXECUTE_COMMAND = 224;

/** Classes up to this one are informational. */
const MAX_INFO_CLASS = 10;

export const isError = (message: SqlMessage): boolean => message.class > MAX_INFO_CLASS;

export function writeMessage(writer: ByteWriter, message: SqlMessage, serverName: string): void {
  writer.u8(isError(message) ? Token.error : Token.info);
  writer.u16Sized(() => {
    writer.i32(message.number);
    writer.u8(message.state);
    // Severity 10 leaves as 0 (Database Engine error severities).
    writer.u8(message.class === MAX_INFO_CLASS ? 0 : message.class);
    writer.usVarchar(message.text);
    writer.bVarchar(serverName);
    writer.bVarchar(message.procedure ?? '');
    writer.i32(message.line ?? 1);
  });
}

export interface Done {
  readonly token: number;
  readonly status: number;
  readonly curCmd: number;
  readonly rowCount: number;
}

export function writeDone(writer: ByteWriter, done: Done): void {
  writer.u8(done.token);
  writer.u16(done.status);
  writer.u16(done.curCmd);
  writer.u64(BigInt(done.rowCount));
}

export function writeReturnStatus(writer: ByteWriter, status: number): void {
  writer.u8(Token.returnStatus);
  writer.i32(status);
}

const Flag = { nullable: 0x01, updatableUnknown: 0x08, identity: 0x10 } as const;

function flagsOf(column: ResultColumn): number {
  if (column.flags !== undefined) return column.flags;
  return (
    (column.nullable === false ? 0 : Flag.nullable) |
    Flag.updatableUnknown |
    (column.identity === true ? Flag.identity : 0)
  );
}

/** Returns how the rows' values are written. */
export function writeColumns(writer: ByteWriter, columns: readonly ResultColumn[]): readonly WireType[] {
  writer.u8(Token.columnMetadata);
  writer.u16(columns.length);
  return columns.map((column) => {
    const flags = flagsOf(column);
    const type = wireType(column.type, column.nullable ?? (flags & Flag.nullable) !== 0);
    writer.u32(0);
    writer.u16(flags);
    type.info(writer);
    writer.bVarchar(column.name);
    return type;
  });
}

const OUTPUT_PARAMETER = 0x01;

export function writeReturnValue(
  writer: ByteWriter,
  parameter: Pick<ResultColumn, 'name' | 'type'> & { readonly value: Parameters<WireType['value']>[1] },
  ordinal: number,
): void {
  const type = wireType(parameter.type);
  writer.u8(Token.returnValue);
  writer.u16(ordinal);
  writer.bVarchar(parameter.name);
  writer.u8(OUTPUT_PARAMETER);
  writer.u32(0);
  writer.u16(Flag.nullable);
  type.info(writer);
  type.value(writer, parameter.value);
}

const Env = {
  database: 1,
  language: 2,
  packetSize: 4,
  collation: 7,
  begin: 8,
  commit: 9,
  rollback: 10,
  reset: 18,
} as const;

function writeEnv(writer: ByteWriter, type: number, write: () => void): void {
  writer.u8(Token.envChange);
  writer.u16Sized(() => {
    writer.u8(type);
    write();
  });
}

function writeTextEnv(writer: ByteWriter, type: number, next: string, previous: string): void {
  writeEnv(writer, type, () => {
    writer.bVarchar(next);
    writer.bVarchar(previous);
  });
}

export function writeEnvChange(writer: ByteWriter, change: EnvChange): void {
  switch (change.kind) {
    case 'database':
    case 'language':
      writeTextEnv(writer, Env[change.kind], change.next, change.previous);
      return;
    case 'begin':
      writeEnv(writer, Env.begin, () => {
        writer.u8(8);
        writer.u64(change.transaction);
        writer.u8(0);
      });
      return;
    case 'commit':
    case 'rollback':
      writeEnv(writer, Env[change.kind], () => {
        writer.u8(0);
        writer.u8(8);
        writer.u64(change.transaction);
      });
  }
}

export function writePacketSizeEnv(writer: ByteWriter, next: number, previous: number): void {
  writeTextEnv(writer, Env.packetSize, String(next), String(previous));
}

export function writeCollationEnv(writer: ByteWriter): void {
  writeEnv(writer, Env.collation, () => {
    writer.u8(DEFAULT_COLLATION.length);
    writer.bytes(DEFAULT_COLLATION);
    writer.u8(0);
  });
}

export function writeResetEnv(writer: ByteWriter): void {
  writeEnv(writer, Env.reset, () => {
    writer.u8(0);
    writer.u8(0);
  });
}
