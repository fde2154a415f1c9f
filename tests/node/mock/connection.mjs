// One chat websocket: the package's Connection with a log, faults, extra endpoints and captured accounts.
import { captureAnswer, profileAnswer } from './accounts.mjs';
import { installExtras } from './extras.mjs';
import { delay, faultBody } from './faults.mjs';
import { checkedKeys } from './key_checks.mjs';
import { Connection, Router, parseAuthHeader } from './package.mjs';

let lastNumber = 0;

export class HarnessConnection extends Connection {
  extras = new Router({ beforeRequest: () => undefined });

  // `transport` is "websocket", or "http" for one plain HTTPS request with a stand-in for the socket.
  constructor(request, ws, server, transport = 'websocket') {
    super(request, ws, server);
    this.number = ++lastNumber;
    this.transport = transport;
    this.readsNoMessages =
      transport === 'http' ||
      (server.options.honourDisableMessages &&
        request.headers['x-signal-disable-messages'] === 'true');
    installExtras(this);
    if (transport === 'websocket') {
      server.connections.add(this);
      ws.once('close', (code) => {
        server.connections.delete(this);
        server.log.closedWith(this, code);
        server.events.emit('sockets');
      });
    }
  }

  // Everything written so far reaches the client before the socket is torn down.
  terminateAfterFlush() {
    this.ws.ping(undefined, false, () => this.ws.terminate());
  }

  async handleRequest(request) {
    const headers = headersOf(request);
    const entry = {
      transport: this.transport,
      connection: this.number,
      verb: request.verb ?? '',
      path: request.path ?? '',
      headers,
      body: request.body?.length ? Buffer.from(request.body) : null,
      authenticated: this.device !== undefined,
      aci: this.device?.aci ?? null,
      deviceId: this.device?.deviceId ?? null,
      status: null,
    };
    const fault = this.server.faults.take(entry);
    if (fault?.action === 'cut') {
      this.#record(entry, 'cut');
      this.ws.terminate();
      return lost(request);
    }
    if (fault?.action === 'ignore') {
      this.#record(entry, 'ignored');
      return new Promise(() => {});
    }
    if (fault?.action === 'respond') {
      const { body, contentType } = faultBody(fault);
      this.#record(entry, fault.status);
      return {
        id: request.id,
        status: fault.status,
        message: 'Injected',
        headers: headerLines({
          'X-Signal-Timestamp': Date.now(),
          ...(contentType === null ? {} : { 'Content-Type': contentType }),
          ...fault.headers,
        }),
        body,
      };
    }
    if (fault?.action === 'delay') {
      await delay(fault.delayMs);
    }
    const answer = await this.#answer(request, entry);
    this.#record(entry, answer.status);
    if (fault?.action === 'cutAfter') {
      this.ws.terminate();
      return lost(request);
    }
    return answer;
  }

  async #answer(request, entry) {
    const { server } = this;
    const pathname = entry.path.split('?', 1)[0];
    if (server.options.checkKeys) {
      const refusal = await checkedKeys(server, this.device, entry, pathname);
      if (refusal !== null) {
        return { id: request.id, status: 422, message: refusal, headers: [], body: null };
      }
    }
    let answer;
    if (server.options.extras && matches(this.extras, entry.verb, pathname)) {
      answer = await this.extras.run(request);
      if (answer.status === 204) {
        answer.body = null;
      }
    } else {
      answer = await super.handleRequest(request);
    }
    if (server.options.captureAccount) {
      await captureAnswer(server, this.device, entry, pathname, answer);
      profileAnswer(server, entry, pathname, answer);
    }
    return answer;
  }

  #record(entry, status) {
    entry.status = status;
    this.server.log.addRequest(entry);
  }

  // Production answers a bad login with 403 before the upgrade, so this is reached only in "package" mode.
  static async loginOf(server, header) {
    if (header === undefined) {
      return { device: undefined, refused: false };
    }
    const { error, username, password } = parseAuthHeader(header, { allowEmptyPassword: true });
    const device = error ? undefined : await server.auth(username, password);
    return { device, refused: device === undefined };
  }
}

function matches(router, verb, pathname) {
  return router.routes.some(
    (route) => route.method === verb && route.pattern.match(pathname) != null,
  );
}

function headersOf(request) {
  const headers = {};
  for (const line of request.headers ?? []) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

function headerLines(headers) {
  return Object.entries(headers).map(([name, value]) => `${name}:${value}`);
}

function lost(request) {
  return { id: request.id, status: 500, message: null, headers: [], body: null };
}
