// The message queue of one device, as Signal-Server keeps it: a message leaves it when the client answered 2xx.
import { randomBytes } from 'node:crypto';

import { delay } from './faults.mjs';
import { Proto } from './package.mjs';

const WINDOW = 256;

const noFaults = () => ({
  dropAcks: 0,
  duplicate: 0,
  corrupt: [],
  cutAfter: null,
  cutAfterAcks: null,
  delayMs: 0,
});

export class DeviceQueue {
  // Entries by sequence number, in order: {sequence, body, acknowledgeable}.
  entries = new Map();
  lastSequence = 0;
  reader = null;
  waiters = new Set();
  faults = noFaults();

  constructor({ onAcknowledged }) {
    this.onAcknowledged = onAcknowledged;
  }

  clearFaults() {
    this.faults = noFaults();
  }

  get size() {
    return this.entries.size;
  }

  push(entry) {
    entry.sequence = ++this.lastSequence;
    this.entries.set(entry.sequence, entry);
    if (this.reader !== null) {
      this.reader.todo.push(entry);
      this.#pump(this.reader);
    }
  }

  attach(connection) {
    const todo = [...this.entries.values()];
    const reader = {
      connection,
      todo,
      next: 0,
      inFlight: 0,
      delivered: 0,
      // What was queued at login time; queue/empty waits for the answers to these.
      unanswered: new Set(todo.map((entry) => entry.sequence)),
      emptySent: false,
    };
    this.reader = reader;
    this.#pump(reader);
  }

  detach(connection) {
    if (this.reader?.connection === connection) {
      this.reader = null;
    }
  }

  // Resolves when at most `size` messages are left.
  whenAtMost(size) {
    if (this.entries.size <= size) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.waiters.add({ size, resolve }));
  }

  #pump(reader) {
    while (
      this.reader === reader &&
      reader.inFlight < WINDOW &&
      reader.next < reader.todo.length
    ) {
      const entry = reader.todo[reader.next];
      reader.todo[reader.next] = undefined;
      reader.next += 1;
      reader.inFlight += 1;
      void this.#deliver(reader, entry);
    }
    this.#finishDrain(reader);
  }

  async #deliver(reader, entry) {
    const { faults } = this;
    if (faults.delayMs > 0) {
      await delay(faults.delayMs);
    }
    if (faults.corrupt.length > 0) {
      entry.body = corrupted(entry.body, faults.corrupt.shift());
    }
    let copies = 1;
    if (faults.duplicate > 0) {
      faults.duplicate -= 1;
      copies = 2;
    }
    const answers = [];
    for (let copy = 0; copy < copies; copy += 1) {
      answers.push(
        reader.connection.send('PUT', '/api/v1/message', {
          body: entry.body,
          headers: [`X-Signal-Timestamp:${Date.now()}`],
        }),
      );
    }
    reader.delivered += 1;
    if (faults.cutAfter !== null && reader.delivered >= faults.cutAfter) {
      faults.cutAfter = null;
      // Answers that are already on their way are lost with the socket.
      this.reader = null;
      reader.connection.terminateAfterFlush();
      return;
    }
    const [answer] = await Promise.all(answers);
    if (this.reader !== reader) {
      return;
    }
    reader.inFlight -= 1;
    reader.unanswered.delete(entry.sequence);
    if (faults.dropAcks > 0) {
      faults.dropAcks -= 1;
    } else if (answer.status >= 200 && answer.status < 300) {
      this.entries.delete(entry.sequence);
      this.onAcknowledged(entry);
      this.#wake();
      if (faults.cutAfterAcks !== null && --faults.cutAfterAcks <= 0) {
        faults.cutAfterAcks = null;
        this.reader = null;
        reader.connection.terminateAfterFlush();
        return;
      }
    }
    this.#pump(reader);
  }

  #finishDrain(reader) {
    if (this.reader === reader && !reader.emptySent && reader.unanswered.size === 0) {
      reader.emptySent = true;
      void reader.connection.send('PUT', '/api/v1/queue/empty', {
        headers: [`X-Signal-Timestamp:${Date.now()}`],
      });
    }
  }

  #wake() {
    for (const waiter of this.waiters) {
      if (this.entries.size <= waiter.size) {
        this.waiters.delete(waiter);
        waiter.resolve();
      }
    }
  }
}

// An envelope as the server queues it: with a GUID, the server's time and urgency.
export function stamped(encoded) {
  const envelope = Proto.Envelope.decode(encoded);
  envelope.serverGuidBinary = randomGuid();
  envelope.serverTimestamp = BigInt(Date.now());
  envelope.urgent ??= true;
  const unsealed =
    envelope.sourceServiceIdBinary != null &&
    envelope.type !== Proto.Envelope.Type.UNIDENTIFIED_SENDER &&
    envelope.type !== Proto.Envelope.Type.SERVER_DELIVERY_RECEIPT;
  return {
    body: Buffer.from(Proto.Envelope.encode(envelope)),
    receipt: unsealed
      ? { to: envelope.sourceServiceIdBinary, clientTimestamp: envelope.clientTimestamp }
      : null,
  };
}

function randomGuid() {
  const guid = randomBytes(16);
  guid[6] = (guid[6] & 0x0f) | 0x40;
  guid[8] = (guid[8] & 0x3f) | 0x80;
  return guid;
}

// mode: "content" flips a bit in the middle of the ciphertext, "truncate" halves it, "empty" drops it,
// "envelope" replaces the whole envelope by bytes that are no protobuf.
function corrupted(body, mode) {
  if (mode === 'envelope') {
    return Buffer.alloc(40, 0xff);
  }
  const envelope = Proto.Envelope.decode(body);
  const content = Buffer.from(envelope.content ?? []);
  if (mode === 'truncate') {
    envelope.content = content.subarray(0, content.length >> 1);
  } else if (mode === 'empty') {
    envelope.content = null;
  } else {
    content[content.length >> 1] ^= 1;
    envelope.content = content;
  }
  return Buffer.from(Proto.Envelope.encode(envelope));
}
