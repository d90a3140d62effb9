import type { RpcCall, RpcParameter } from '../contracts.ts';
import { ByteReader } from './bytes.ts';
import { skipAllHeaders } from './headers.ts';
import { Unsupported } from './unsupported.ts';
import { readTypeInfo } from './types/read.ts';

/** MS-TDS 2.2.6.6 RPC Request, ProcID. */
const WELL_KNOWN = new Map([
  [1, 'sp_cursor'],
  [2, 'sp_cursoropen'],
  [3, 'sp_cursorprepare'],
  [4, 'sp_cursorexecute'],
  [5, 'sp_cursorprepexec'],
  [6, 'sp_cursorunprepare'],
  [7, 'sp_cursorfetch'],
  [8, 'sp_cursoroption'],
  [9, 'sp_cursorclose'],
  [10, 'sp_executesql'],
  [11, 'sp_prepare'],
  [12, 'sp_execute'],
  [13, 'sp_prepexec'],
  [14, 'sp_prepexecrpc'],
  [15, 'sp_unprepare'],
]);

const BY_ID = 0xffff;
const BATCH_FLAGS = new Set([0x80, 0xff, 0xfe]);
const BY_REFERENCE = 0x01;
const DEFAULT_VALUE = 0x02;
const ENCRYPTED = 0x08;

/** One message may hold several calls (JDBC sends the batches of a prepared statement that way). */
export function readRpcCalls(payload: Buffer): readonly RpcCall[] {
  const reader = new ByteReader(payload);
  skipAllHeaders(reader);
  const calls: RpcCall[] = [];
  while (reader.remaining > 0) {
    const procedure = readProcedure(reader);
    reader.u16();
    const parameters: RpcParameter[] = [];
    while (reader.remaining > 0 && !BATCH_FLAGS.has(reader.peek() ?? 0)) parameters.push(readParameter(reader));
    if (reader.remaining > 0) reader.u8();
    calls.push({ procedure, parameters });
  }
  return calls;
}

function readProcedure(reader: ByteReader): string {
  const length = reader.u16();
  if (length !== BY_ID) return reader.ucs2(length);
  const id = reader.u16();
  const name = WELL_KNOWN.get(id);
  if (name === undefined) throw new Unsupported(`The remote procedure number ${id} is not supported by this server.`);
  return name;
}

function readParameter(reader: ByteReader): RpcParameter {
  const name = reader.bVarchar();
  const status = reader.u8();
  if ((status & ENCRYPTED) !== 0)
    throw new Unsupported('Always Encrypted parameters are not supported by this server.');
  if ((status & DEFAULT_VALUE) !== 0) {
    throw new Unsupported(`Default values of remote procedure parameters (${name}) are not supported by this server.`);
  }
  const { type, read } = readTypeInfo(reader);
  return { name, type, value: read(reader), output: (status & BY_REFERENCE) !== 0 };
}
