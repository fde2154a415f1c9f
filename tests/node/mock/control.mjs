// Options, faults, sockets, queues and the log of requests.
import { checkOptions } from './options.mjs';

async function deviceOf(server, aci, deviceId) {
  const device = await server.getDeviceByServiceId(aci, deviceId);
  if (device === undefined) {
    throw new Error(`no device ${aci}.${deviceId}`);
  }
  return device;
}

function socketsOf(server, { aci, deviceId }) {
  return [...server.connections].filter(
    (connection) =>
      (aci === null || connection.device?.aci === aci) &&
      (deviceId === null || connection.device?.deviceId === deviceId),
  );
}

export const controlCommands = {
  async reset(server) {
    server.reset();
  },

  async setOptions(server, { changes }) {
    Object.assign(server.options, checkOptions(changes));
  },

  async addFault(server, { rule }) {
    return server.faults.add(rule);
  },

  async removeFault(server, { id }) {
    server.faults.remove(id);
  },

  async faultHits(server, { id }) {
    return server.faults.hits.get(id) ?? 0;
  },

  // Faults in delivery to one device, see DeviceQueue.
  async setDeliveryFaults(server, { aci, deviceId, changes }) {
    Object.assign(server.queueOf(await deviceOf(server, aci, deviceId)).faults, changes);
  },

  // code null tears the sockets down without a closing handshake.
  async cut(server, { aci, deviceId, code }) {
    const sockets = socketsOf(server, { aci, deviceId });
    for (const connection of sockets) {
      if (code === null) {
        connection.ws.terminate();
      } else {
        connection.close(code);
      }
    }
    return sockets.length;
  },

  async sockets(server, { aci, deviceId }) {
    return socketsOf(server, { aci, deviceId }).map((connection) => ({
      connection: connection.number,
      path: connection.request.url,
      aci: connection.device?.aci ?? null,
      deviceId: connection.device?.deviceId ?? null,
      readsMessages: connection.device !== undefined && !connection.readsNoMessages,
    }));
  },

  async waitForSockets(server, wanted) {
    await server.whenSockets(wanted);
  },

  async queueSize(server, { aci, deviceId }) {
    return server.queueOf(await deviceOf(server, aci, deviceId)).size;
  },

  async waitForQueue(server, { aci, deviceId, size }) {
    await server.queueOf(await deviceOf(server, aci, deviceId)).whenAtMost(size);
  },

  async requests(server, { verb, path }) {
    return server.log.find({ verb, pattern: new RegExp(path) });
  },

  async waitForRequest(server, { verb, path, count }) {
    const pattern = new RegExp(path);
    await server.log.whenSeen({ verb, pattern, count });
    return server.log.find({ verb, pattern });
  },

  async openedSockets(server) {
    return server.log.sockets;
  },

  async rateLimit(server, { source, target, limited }) {
    if (limited) {
      server.rateLimit({ source, target });
      return 0;
    }
    return server.stopRateLimiting({ source, target }) ?? 0;
  },

  async setChallengeAnswer(server, { status, data }) {
    if (status === null) {
      server.stopRespondingToChallenges();
    } else {
      server.respondToChallengesWith(status, data);
    }
  },

  async setRegisterError(server, { status, data }) {
    server.setRegisterResponseError(status === null ? undefined : { code: status, data });
  },

  async setRemoteConfig(server, { name, enabled, value }) {
    server.setRemoteConfig(name, { enabled, value });
  },

  async setUpgradeHeaders(server, { headers }) {
    server.setWebsocketUpgradeResponseHeaders(headers);
  },
};
