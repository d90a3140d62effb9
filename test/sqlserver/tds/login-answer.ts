import type { SqlServer } from '../contracts.ts';
import type { ByteWriter } from './bytes.ts';
import { Feature, TDS_7_4, TDS_8_0 } from './login7.ts';
import type { Login7 } from './login7.ts';
import { Token, writeCollationEnv, writeDone, writeEnvChange, writeMessage, writePacketSizeEnv } from './tokens.ts';

const LANGUAGE = 'us_english';
const PROGRAM = 'Microsoft SQL Server';
const SQL_TSQL = 1;

export interface LoginAnswer {
  readonly server: SqlServer;
  readonly login: Login7;
  readonly database: string;
  readonly packetSize: number;
  readonly previousPacketSize: number;
}

/** Order of MS-TDS 4.3 Login Response. */
export function writeLoginAnswer(writer: ByteWriter, answer: LoginAnswer): void {
  const { server, login, database } = answer;
  const info = (number: number, state: number, text: string): void =>
    writeMessage(writer, { number, class: 0, state, text }, server.serverName);
  writeEnvChange(writer, { kind: 'database', next: database, previous: 'master' });
  info(5701, 2, `Changed database context to '${database}'.`);
  writeCollationEnv(writer);
  writeEnvChange(writer, { kind: 'language', next: LANGUAGE, previous: '' });
  info(5703, 1, `Changed language setting to ${LANGUAGE}.`);
  writeLoginAck(writer, login, server.version);
  writePacketSizeEnv(writer, answer.packetSize, answer.previousPacketSize);
  if (login.features.has(Feature.utf8Support)) writeUtf8Ack(writer);
  writeDone(writer, { token: Token.done, status: 0, curCmd: 0, rowCount: 0 });
}

function writeLoginAck(writer: ByteWriter, login: Login7, [major, minor, build]: SqlServer['version']): void {
  writer.u8(Token.loginAck);
  writer.u16Sized(() => {
    writer.u8(SQL_TSQL);
    writer.u32be(login.tdsVersion === TDS_8_0 ? TDS_8_0 : Math.min(login.tdsVersion, TDS_7_4));
    writer.bVarchar(PROGRAM);
    writer.u8(major);
    writer.u8(minor);
    writer.u16be(build);
  });
}

/** The only feature that is acknowledged: what is not acknowledged is not used by the client (MS-TDS 2.2.7.11). */
function writeUtf8Ack(writer: ByteWriter): void {
  writer.u8(Token.featureExtAck);
  writer.u8(Feature.utf8Support);
  writer.u32(1);
  writer.u8(1);
  writer.u8(0xff);
}
