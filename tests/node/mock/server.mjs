// The package's server with Signal-Server's behaviour where the package differs (see options.mjs).
import { EventEmitter, once } from 'node:events';

import { DeviceQueue, stamped } from './device_queue.mjs';
import { Faults } from './faults.mjs';
import { RequestLog } from './request_log.mjs';
import { DEFAULTS } from './options.mjs';
import { lib, mock, Proto, PromiseQueue } from './package.mjs';
import { Uploads } from './uploads.mjs';

const ENVELOPE_TYPES = {
  CipherText: Proto.Envelope.Type.DOUBLE_RATCHET,
  PreKey: Proto.Envelope.Type.PREKEY_MESSAGE,
  SealedSender: Proto.Envelope.Type.UNIDENTIFIED_SENDER,
  Plaintext: Proto.Envelope.Type.PLAINTEXT_CONTENT,
};
const PRIMARY_DEVICE_ID = 1;

export class HarnessServer extends mock.Server {
  options = { ...DEFAULTS };
  faults = new Faults();
  log = new RequestLog();
  events = new EventEmitter();
  connections = new Set();
  wantedNumbers = [];
  // What clients registered or uploaded, by ACI: profiles; by device: names.
  profiles = new Map();
  deviceNames = new WeakMap();
  // Groups that tests know, by id, as the package's Group with its secret parameters.
  testGroups = new Map();
  // Devices of libsignal's that are linked to accounts of clients, by the package's Device.
  linkedDevices = new Map();
  #lastTimestamp = 0;
  uploads = new Uploads(this);
  #queues = new Map();
  #provisioning = new Map();

  // The first of `count` unused message timestamps in ms.
  nextTimestamp(count) {
    const first = Math.max(Date.now(), this.#lastTimestamp + 1);
    this.#lastTimestamp = first + count - 1;
    return first;
  }

  queueOf(device) {
    let queue = this.#queues.get(device);
    if (queue === undefined) {
      queue = new DeviceQueue({ onAcknowledged: (entry) => this.#acknowledged(device, entry) });
      this.#queues.set(device, queue);
    }
    return queue;
  }

  // Back to the defaults, for the next test: accounts stay, faults, logs and sockets go.
  reset() {
    this.options = { ...DEFAULTS };
    this.faults.clear();
    this.log.clear();
    for (const queue of this.#queues.values()) {
      queue.clearFaults();
    }
    for (const connection of this.connections) {
      connection.ws.terminate();
    }
    this.unregisteredServiceIds.clear();
    this.rateLimitCountByPair.clear();
    this.responseForChallenges = undefined;
    this.setRegisterResponseError(undefined);
    this.setRegisterResponseData(undefined);
    this.setWebsocketUpgradeResponseHeaders({});
  }

  //
  // Queues
  //

  async send(target, message) {
    if (!this.options.reliableQueue) {
      return super.send(target, message);
    }
    this.queueOf(target).push(stamped(message));
    return undefined;
  }

  async addWebSocket(device, connection) {
    this.events.emit('sockets');
    if (connection.readsNoMessages) {
      return undefined;
    }
    if (!this.options.reliableQueue) {
      return super.addWebSocket(device, connection);
    }
    const existing = this.webSockets.get(device);
    if (existing !== undefined) {
      this.queueOf(device).detach(existing);
      existing.close(4409);
    }
    this.webSockets.set(device, connection);
    this.queueOf(device).attach(connection);
    return undefined;
  }

  removeWebSocket(device, connection) {
    this.queueOf(device).detach(connection);
    super.removeWebSocket(device, connection);
  }

  async #acknowledged(device, { receipt }) {
    if (!this.options.serverReceipts || receipt === null) {
      return;
    }
    const source = lib.ServiceId.parseFromServiceIdBinary(Buffer.from(receipt.to));
    if (source.getServiceIdString() !== device.aci) {
      await this.#sendServerReceipt(device, source.getServiceIdString(), receipt.clientTimestamp);
    }
  }

  // To every device of the sender that has a queue.
  async #sendServerReceipt(from, toServiceId, clientTimestamp) {
    const devices = await this.getAllDevicesByServiceId(toServiceId);
    for (const to of devices.filter((device) => this.hasQueue(device))) {
      const receipt = Proto.Envelope.encode({
        type: Proto.Envelope.Type.SERVER_DELIVERY_RECEIPT,
        clientTimestamp,
        serverTimestamp: BigInt(Date.now()),
        sourceServiceIdBinary: from.aciBinary,
        sourceDeviceId: from.deviceId,
        destinationServiceIdBinary: to.aciBinary,
      });
      await this.send(to, Buffer.from(receipt));
    }
  }

  // Mock primaries take their messages directly; devices made by createSecondaryDevice take none.
  hasQueue(device) {
    const isMockPrimary =
      device.deviceId === PRIMARY_DEVICE_ID && this.primaryDevices.has(device.aci);
    return device.isProvisioned && !isMockPrimary;
  }

  async handleMessage(source, serviceIdKind, envelopeType, target, encrypted, timestamp) {
    const primary = this.primaryDevices.get(target.aci);
    if (target.deviceId === PRIMARY_DEVICE_ID && primary !== undefined) {
      await this.#handToPrimary(primary, source, serviceIdKind, envelopeType, encrypted);
      if (this.options.serverReceipts && source !== undefined && source.aci !== target.aci) {
        if (envelopeType !== 'SealedSender') {
          await this.#sendServerReceipt(target, source.aci, timestamp);
        }
      }
      return;
    }
    const linked = this.linkedDevices.get(target);
    if (linked !== undefined) {
      await this.#handToPrimary(linked, source, serviceIdKind, envelopeType, encrypted);
      return;
    }
    if (!this.hasQueue(target)) {
      return;
    }
    if (target.deviceId === PRIMARY_DEVICE_ID && !this.options.primaryDelivery) {
      return;
    }
    const envelope = Proto.Envelope.encode({
      type: ENVELOPE_TYPES[envelopeType],
      sourceServiceIdBinary: source?.aciBinary ?? null,
      sourceDeviceId: source?.deviceId ?? null,
      destinationServiceIdBinary: target.getServiceIdBinaryByKind(serviceIdKind),
      serverTimestamp: timestamp,
      clientTimestamp: timestamp,
      content: encrypted,
    });
    // Without the reliable queue this waits for the acknowledgement, so it is not awaited.
    void this.send(target, Buffer.from(envelope));
  }

  async #handToPrimary(primary, source, serviceIdKind, envelopeType, encrypted) {
    try {
      await primary.handleEnvelope(source, serviceIdKind, envelopeType, encrypted);
    } catch (error) {
      this.events.emit('event', {
        event: 'decryptionFailed',
        primary: primary.device.aci,
        source: source === undefined ? null : { aci: source.aci, deviceId: source.deviceId },
        envelopeType,
        error: String(error?.message ?? error),
      });
      if (this.options.decryptFailures === 'reject') {
        throw error;
      }
    }
  }

  //
  // Accounts
  //

  async generateNumber() {
    const wanted = this.wantedNumbers.shift();
    if (wanted === undefined) {
      return super.generateNumber();
    }
    this.knownNumbers.add(wanted);
    return wanted;
  }

  // As with Signal-Server, an absent or empty list leaves the stored one-time keys of the same identity alone.
  async registerDevice(details) {
    const device = await super.registerDevice(details);
    const setKeys = device.setKeys.bind(device);
    device.setKeys = (serviceIdKind, keys) => {
      const stored = device.keys.get(serviceIdKind);
      if (!this.options.checkKeys || !stored?.identityKey.equals(keys.identityKey)) {
        return setKeys(serviceIdKind, keys);
      }
      return setKeys(serviceIdKind, {
        ...keys,
        preKeys: keys.preKeys?.length ? keys.preKeys : stored.preKeys,
        kyberPreKeys: keys.kyberPreKeys?.length ? keys.kyberPreKeys : stored.kyberPreKeys,
      });
    };
    return device;
  }

  // Resolves when the device has that many sockets, counting all or only those that read messages.
  async whenSockets({ aci, deviceId, count, reading }) {
    const enough = () =>
      [...this.connections].filter(
        (each) =>
          each.device?.aci === aci &&
          each.device.deviceId === deviceId &&
          (!reading || !each.readsNoMessages),
      ).length === count;
    while (!enough()) {
      await once(this.events, 'sockets');
    }
  }

  async removeDevice(device) {
    await this.removeDeviceByServiceId(device.aci, device.deviceId);
    const primary = this.primaryDevices.get(device.aci);
    if (primary !== undefined) {
      primary.secondaryDevices = primary.secondaryDevices.filter((other) => other !== device);
    }
    for (const connection of this.connections) {
      if (connection.device === device) {
        connection.close(4401);
      }
    }
  }

  // A bare account id means device 1, as with Signal-Server.
  async auth(username, password) {
    return super.auth(/\.\d+$/.test(username) ? username : `${username}.1`, password);
  }

  //
  // Provisioning: the package answers its sockets in order of arrival, this finds them by address.
  //

  getProvisioningResponse(id, abortSignal) {
    const queue = new PromiseQueue({ timeout: this.config.timeout, name: `provisioning ${id}` });
    this.#provisioning.set(id, queue);
    const shared = this.provisionQueue;
    this.provisionQueue = queue;
    try {
      return super.getProvisioningResponse(id, abortSignal);
    } finally {
      this.provisionQueue = shared;
    }
  }

  async completeProvision(provisionURL, primaryDevice) {
    const id = new URL(provisionURL).searchParams.get('uuid');
    const queue = this.#provisioning.get(id);
    if (queue === undefined) {
      throw new Error(`no provisioning socket has the address ${id}`);
    }
    this.#provisioning.delete(id);
    const { complete } = await queue.shift();
    return complete({ provisionURL, primaryDevice });
  }
}
