// The official network client's connections, and what they are told.
import * as lib from '@signalapp/libsignal-client';
import * as zk from '@signalapp/libsignal-client/zkgroup.js';

export { zk };

const EVENT_TIMEOUT_MS = 15_000;

export function connectorTo(port, rootCertificate) {
  return new lib.Net.Net({
    localTestServer: true,
    userAgent: 'sigcli-tests/1.0',
    TESTING_localServer_chatPort: port,
    TESTING_localServer_cdsiPort: port,
    TESTING_localServer_svr2Port: port,
    TESTING_localServer_svrBPort: port,
    TESTING_localServer_rootCertificateDer: rootCertificate,
  });
}

// What a listener was told, in order.
class Events {
  #told = [];
  #waiting = [];

  add(event) {
    const taker = this.#waiting.shift();
    if (taker === undefined) {
      this.#told.push(event);
    } else {
      taker(event);
    }
  }

  next() {
    if (this.#told.length > 0) {
      return this.#told.shift();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(taker), 1);
        reject(new Error('nothing was told'));
      }, EVENT_TIMEOUT_MS);
      const taker = (event) => {
        clearTimeout(timer);
        resolve(event);
      };
      this.#waiting.push(taker);
    });
  }
}

class Interruptions {
  constructor(events) {
    this.events = events;
  }

  onConnectionInterrupted(cause) {
    this.events.add({ kind: 'interrupted', error: cause?.name ?? null });
  }
}

class Provisioning extends Interruptions {
  onReceivedAddress(address, ack) {
    ack.send(200);
    this.events.add({ kind: 'address', address });
  }

  onReceivedEnvelope(envelope, ack) {
    ack.send(200);
    this.events.add({ kind: 'provision', envelope });
  }
}

class Listener extends Interruptions {
  onIncomingMessage(envelope, timestamp, ack) {
    this.events.add({ kind: 'message', envelope, timestamp, ack: (status) => ack.send(status) });
  }

  onQueueEmpty() {
    this.events.add({ kind: 'queueEmpty' });
  }

  onReceivedAlerts(alerts) {
    if (alerts.length > 0) {
      this.events.add({ kind: 'alerts', alerts });
    }
  }
}

// One connection: `chat` is the official object, `events` what it was told.
export class Connection {
  constructor(chat, events) {
    this.chat = chat;
    this.events = events;
  }

  static async anonymous(net) {
    const events = new Events();
    return new Connection(await net.connectUnauthenticatedChat(new Interruptions(events)), events);
  }

  static async withLogin(net, username, password, { stories = false } = {}) {
    const events = new Events();
    const listener = new Listener(events);
    const chat = await net.connectAuthenticatedChat(username, password, stories, listener);
    return new Connection(chat, events);
  }

  static async ofNewDevice(net) {
    const events = new Events();
    return new Connection(await net.connectProvisioning(new Provisioning(events)), events);
  }

  // A request that has no typed form over the websocket: status, and the JSON of the body.
  async fetch(verb, path, body = null, headers = []) {
    const request = { verb, path, headers: [...headers] };
    if (body !== null) {
      request.headers.push(['content-type', 'application/json']);
      request.body = Buffer.from(JSON.stringify(body));
    }
    const answer = await this.chat.fetch(request);
    const text = Buffer.from(answer.body ?? []).toString();
    return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
  }
}

// Loaded on demand, since it needs the mock server's protobuf.
export const loadDevice = async () => (await import('./device.mjs')).Device;
