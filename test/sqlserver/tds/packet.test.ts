import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageWriter } from './message-writer.ts';
import { MessageAssembler, PacketType } from './packet.ts';
import type { Message } from './packet.ts';

const anyMessages = fc.array(fc.uint8Array({ maxLength: 3000, size: 'max' }), { minLength: 1, maxLength: 5 });

test('messages come out as they were written, whatever the packet size and however the bytes are cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(anyMessages, fc.integer({ min: 512, max: 4096 }), cuts, (payloads, packetSize, sizes) => {
      const sent: Buffer[] = [];
      for (const payload of payloads) {
        const writer = new MessageWriter({ packetSize, spid: 51, write: (bytes) => sent.push(bytes) });
        for (let at = 0; at < payload.length; at += 100) {
          writer.bytes.bytes(payload.subarray(at, at + 100));
          if (at % 300 === 0) writer.pump();
          if (at % 1100 === 0) writer.flush();
        }
        writer.end();
      }
      assert.ok(sent.every((bytes) => bytes.length <= packetSize && bytes.length === bytes.readUInt16BE(2)));
      const stream = Buffer.concat(sent);
      const received: Message[] = [];
      const assembler = new MessageAssembler((message) => void received.push(message));
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        assembler.push(stream.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(
        received.map((message) => message.payload.toString('hex')),
        payloads.map((payload) => Buffer.from(payload).toString('hex')),
      );
      assert.ok(received.every((message) => message.type === PacketType.answer));
    }),
  );
});

test('a full last packet is the end of its message, not followed by an empty one', () => {
  const sent: Buffer[] = [];
  const writer = new MessageWriter({ packetSize: 512, spid: 1, write: (bytes) => sent.push(bytes) });
  writer.bytes.fill(7, 2 * (512 - 8));
  writer.pump();
  writer.end();
  assert.deepEqual(
    sent.map((bytes) => [bytes.length, bytes.readUInt8(1), bytes.readUInt8(6)]),
    [
      [512, 0, 1],
      [512, 1, 2],
    ],
  );
});
