// What clients asked: one entry for each request and one for each websocket.
const CAPACITY = 20_000;
const LARGEST_BODY = 256 * 1024;

export class RequestLog {
  requests = [];
  sockets = [];
  #watchers = new Set();

  addSocket(entry) {
    this.sockets.push(entry);
  }

  closedWith(connection, code) {
    for (const socket of this.sockets) {
      if (socket.connection === connection.number) {
        socket.aci = connection.device?.aci ?? null;
        socket.deviceId = connection.device?.deviceId ?? null;
        socket.closeCode = code;
      }
    }
  }

  addRequest(entry) {
    if (this.requests.length >= CAPACITY) {
      this.requests.shift();
    }
    if (entry.body !== null && entry.body.length > LARGEST_BODY) {
      entry.body = null;
    }
    this.requests.push(entry);
    for (const watcher of this.#watchers) {
      if (this.find(watcher).length >= watcher.count) {
        this.#watchers.delete(watcher);
        watcher.resolve();
      }
    }
  }

  find({ verb = null, pattern }) {
    return this.requests.filter(
      (entry) => (verb === null || entry.verb === verb) && pattern.test(entry.path),
    );
  }

  // Resolves when that many matching requests have been answered.
  whenSeen({ verb, pattern, count }) {
    const watcher = { verb, pattern, count };
    if (this.find(watcher).length >= count) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      watcher.resolve = resolve;
      this.#watchers.add(watcher);
    });
  }

  clear() {
    this.requests = [];
    this.sockets = [];
  }
}
