// Faults for requests: rules that match verb and path and answer, cut, ignore or delay.
let lastId = 0;

export class Faults {
  rules = new Map();
  hits = new Map();

  // action: "respond" (before the handler runs), "cut" (no handler, socket torn down), "cutAfter" (handler runs,
  // its answer is lost with the socket), "ignore" (never answered), "delay" (handler runs after delayMs), "partial"
  // (HTTP bodies only, up or down: the connection breaks after `bytes` of them).
  add({
    verb = null,
    path = '.*',
    times = 1,
    skip = 0,
    action = 'respond',
    status = 500,
    headers = {},
    body = null,
    delayMs = 0,
    bytes = 0,
    authenticated = null,
    transport = null,
  }) {
    const id = ++lastId;
    const pattern = new RegExp(path);
    this.rules.set(id, {
      id,
      verb,
      pattern,
      times,
      skip,
      action,
      status,
      headers,
      body,
      delayMs,
      bytes,
      authenticated,
      transport,
    });
    this.hits.set(id, 0);
    return id;
  }

  remove(id) {
    this.rules.delete(id);
  }

  clear() {
    this.rules.clear();
  }

  // The rule that applies to this request, counted down; undefined if none.
  take({ verb, path, authenticated, transport }) {
    for (const rule of this.rules.values()) {
      if (
        (rule.verb !== null && rule.verb !== verb) ||
        (rule.authenticated !== null && rule.authenticated !== authenticated) ||
        (rule.transport !== null && rule.transport !== transport) ||
        !rule.pattern.test(path)
      ) {
        continue;
      }
      if (rule.skip > 0) {
        rule.skip -= 1;
        continue;
      }
      this.hits.set(rule.id, this.hits.get(rule.id) + 1);
      if (rule.times !== null && --rule.times <= 0) {
        this.rules.delete(rule.id);
      }
      return rule;
    }
    return undefined;
  }
}

// The body of a rule as bytes with its content type: bytes and strings as they are, the rest as JSON.
export function faultBody(rule) {
  if (rule.body === null) {
    return { body: Buffer.alloc(0), contentType: null };
  }
  if (ArrayBuffer.isView(rule.body)) {
    return { body: Buffer.from(rule.body), contentType: 'application/octet-stream' };
  }
  if (typeof rule.body === 'string') {
    return { body: Buffer.from(rule.body), contentType: 'text/plain' };
  }
  return { body: Buffer.from(JSON.stringify(rule.body)), contentType: 'application/json' };
}

export const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
