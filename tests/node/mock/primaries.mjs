// Mock primaries: made, watched, told what to answer, changed. They are devices 1 that run official libsignal.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import {
  AccountEntropyPool,
  attachmentToPointer,
  decryptStorageManifest,
  deriveMasterKey,
  deriveStorageKey,
  deriveStorageItemKey,
  encryptAttachment,
  encryptStorageManifest,
  generateRegistrationId,
  lib,
  mock,
  serializeContacts,
  SessionStore,
} from './package.mjs';

const KINDS = ['ACI', 'PNI'];
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

function sealValue(key, plaintext) {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function openValue(key, value) {
  const decipher = createDecipheriv('aes-256-gcm', key, value.subarray(0, NONCE_LENGTH));
  decipher.setAuthTag(value.subarray(-TAG_LENGTH));
  return Buffer.concat([
    decipher.update(value.subarray(NONCE_LENGTH, -TAG_LENGTH)),
    decipher.final(),
  ]);
}

export function primaryOf(server, aci) {
  const primary = server.primaryDevices.get(aci) ?? linkedOf(server, aci);
  if (primary === undefined) {
    throw new Error(`no mock primary has the account ${aci}`);
  }
  return primary;
}

// The device of libsignal's that is linked to a client's account, if there is one.
function linkedOf(server, aci) {
  return [...server.linkedDevices.values()].findLast(({ device }) => device.aci === aci);
}

export function describeDevice(device) {
  return {
    aci: device.aci,
    pni: device.pni ?? null,
    number: device.number ?? null,
    deviceId: device.deviceId,
    registrationId: device.registrationId,
    pniRegistrationId: device.pniRegistrationId ?? null,
  };
}

function describePrimary(primary) {
  return {
    ...describeDevice(primary.device),
    name: primary.profileName,
    profileKey: primary.profileKey.serialize(),
    accessKey: primary.device.accessKey,
    identityKey: primary.publicKey.serialize(),
    pniIdentityKey: primary.device.pni ? primary.getPublicKey('PNI').serialize() : null,
    masterKey: primary.masterKey,
    accountEntropyPool: primary.accountEntropyPool,
  };
}

// A decoded protobuf without its empty fields, oneofs in place of their contents.
export function tidy(value) {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(tidy);
  }
  const result = {};
  for (const [name, item] of Object.entries(value)) {
    if (item === null || item === undefined || (Array.isArray(item) && item.length === 0)) {
      continue;
    }
    if (name === 'content' && typeof item === 'object' && !ArrayBuffer.isView(item)) {
      Object.assign(result, tidy(item));
    } else {
      result[name === '$unknown' ? 'unknownFields' : name] = tidy(item);
    }
  }
  return result;
}

// Every message that a primary decrypts becomes an event. A sealed one is decrypted in two nested steps.
export function watch(server, primary) {
  const decrypt = primary.decrypt.bind(primary);
  let depth = 0;
  primary.decrypt = async (source, serviceIdKind, envelopeType, encrypted) => {
    depth += 1;
    let result;
    try {
      result = await decrypt(source, serviceIdKind, envelopeType, encrypted);
    } finally {
      depth -= 1;
    }
    if (depth === 0) {
      const content = tidy(result.content);
      const raw = result.content.content?.decryptionErrorMessage;
      if (raw) {
        const message = lib.DecryptionErrorMessage.deserialize(Buffer.from(raw));
        content.decryptionError = {
          timestamp: message.timestamp(),
          deviceId: message.deviceId(),
          ratchetKey: message.ratchetKey()?.serialize() ?? null,
        };
      }
      server.events.emit('event', {
        event: 'received',
        primary: primary.device.aci,
        source: describeDevice(result.unsealedSource),
        serviceIdKind,
        sealed: envelopeType === 'SealedSender',
        envelopeType: result.envelopeType,
        content,
      });
    }
    return result;
  };
}

// Answers to sync requests that tests can set; the package's own are empty.
function answerSyncRequests(primary) {
  const encryptContent = primary.encryptContent.bind(primary);
  primary.syncAnswers = {};
  primary.encryptContent = (target, content, options) => {
    const sync = content.content?.syncMessage?.content;
    for (const name of ['blocked', 'configuration']) {
      if (sync?.[name] != null && primary.syncAnswers[name] !== undefined) {
        sync[name] = { ...sync[name], ...primary.syncAnswers[name] };
      }
    }
    return encryptContent(target, content, options);
  };
}

async function setContacts(server, primary, acis) {
  const contacts = acis.map((aci) => primaryOf(server, aci).toContact());
  const attachment = encryptAttachment(serializeContacts(contacts));
  const key = await server.storeAttachment(attachment.blob);
  primary.contactsBlob = attachmentToPointer(key, attachment);
}

// What happens when somebody registers again on a new phone: new identity key, registration id and prekeys, and no
// sessions. The package's Device keeps its registration ids in plain fields.
async function reRegister(primary, { newRegistrationId, keepIdentity }) {
  const { device } = primary;
  if (!keepIdentity) {
    primary.privateKey = lib.PrivateKey.generate();
    primary.publicKey = primary.privateKey.getPublicKey();
    await primary.identity.get('ACI').updateIdentityKey(primary.privateKey);
    if (device.pni) {
      primary.pniPrivateKey = lib.PrivateKey.generate();
      primary.privPniPublicKey = primary.pniPrivateKey.getPublicKey();
      await primary.identity.get('PNI').updateIdentityKey(primary.pniPrivateKey);
    }
  }
  if (newRegistrationId) {
    device.registrationId = generateRegistrationId();
    await primary.identity.get('ACI').updateLocalRegistrationId(device.registrationId);
    if (device.pni) {
      device.pniRegistrationId = generateRegistrationId();
      await primary.identity.get('PNI').updateLocalRegistrationId(device.pniRegistrationId);
    }
  }
  primary.sessions = new SessionStore();
  for (const kind of KINDS) {
    const address = device.getAddressByKind(kind);
    if (address === undefined) {
      continue;
    }
    primary.identity.get(kind).knownIdentities.clear();
    await primary.identity.get(kind).saveIdentity(address, primary.getPublicKey(kind));
    await device.setKeys(kind, await primary.generateKeys(device, kind));
  }
  primary.privSenderCertificate = await primary.config.getSenderCertificate();
}

export const primaryCommands = {
  async createPrimary(server, { name, number, contacts, hasNumber }) {
    if (number !== null) {
      server.wantedNumbers.push(number);
    }
    const primary = await server.createPrimaryDevice({
      profileName: name,
      contacts: contacts.map((aci) => primaryOf(server, aci)),
      hasE164: hasNumber,
    });
    watch(server, primary);
    answerSyncRequests(primary);
    return describePrimary(primary);
  },

  async describePrimary(server, { primary }) {
    return describePrimary(primaryOf(server, primary));
  },

  async completeProvision(server, { url, primary }) {
    return describeDevice(await server.completeProvision(url, primaryOf(server, primary)));
  },

  async waitForSync(server, { primary, deviceId }) {
    const device = await server.getDeviceByServiceId(primary, deviceId);
    await primaryOf(server, primary).waitForSync(device);
  },

  async setContacts(server, { primary, contacts }) {
    await setContacts(server, primaryOf(server, primary), contacts);
  },

  async setSyncAnswer(server, { primary, name, answer }) {
    primaryOf(server, primary).syncAnswers[name] = answer;
  },

  async reRegister(server, { primary, newRegistrationId, keepIdentity }) {
    const found = primaryOf(server, primary);
    await reRegister(found, { newRegistrationId, keepIdentity });
    return describePrimary(found);
  },

  // The primary forgets its session, so that its next message is a prekey message.
  async forgetSessions(server, { primary }) {
    primaryOf(server, primary).sessions = new SessionStore();
  },

  // A linked device of a mock primary that nobody runs: it must be addressed, and its messages vanish.
  async addDevice(server, { primary }) {
    return describeDevice(await server.createSecondaryDevice(primaryOf(server, primary)));
  },

  async removeDevice(server, { aci, deviceId }) {
    const device = await server.getDeviceByServiceId(aci, deviceId);
    await server.removeDevice(device);
  },

  async setRegistered(server, { primary, registered }) {
    const found = primaryOf(server, primary);
    for (const kind of KINDS) {
      if (registered) {
        server.register(found, kind);
      } else {
        server.unregister(found, kind);
      }
    }
  },

  async changeNumber(server, { primary }) {
    const found = primaryOf(server, primary);
    await found.changeNumber();
    return describePrimary(found);
  },

  async setStorage(server, { primary, contacts, groups, account }) {
    const found = primaryOf(server, primary);
    let state = mock.StorageState.getEmpty();
    state = state.updateAccount({
      profileKey: found.profileKey.serialize(),
      givenName: found.profileName,
      readReceipts: true,
      ...account,
    });
    for (const { aci, ...fields } of contacts) {
      const other = primaryOf(server, aci);
      state = state.addContact(other, {
        profileKey: other.profileKey.serialize(),
        identityKey: other.publicKey.serialize(),
        givenName: other.profileName,
        whitelisted: true,
        ...fields,
      });
    }
    for (const { id, ...fields } of groups) {
      state = state.addGroup(server.testGroups.get(id), { whitelisted: true, ...fields });
    }
    const previous = await found.getStorageState();
    if (previous !== undefined) {
      state = new mock.StorageState(
        previous.version,
        state.items.map((item) => item.toRecord()),
      );
    }
    return Number((await found.setStorageState(state, previous)).version);
  },

  async storageRecords(server, { primary }) {
    const state = await primaryOf(server, primary).getStorageState();
    return state === undefined
      ? null
      : {
          version: Number(state.version),
          records: state.items.map((item) => tidy(item.record)),
        };
  },

  // As it lies there, decrypted but not parsed: the package's own classes drop what they do not know.
  async storageItems(server, { primary }) {
    const { config, storageKey, storageRecordIkm: recordIkm } = primaryOf(server, primary);
    const stored = config.getStorageManifest();
    if (stored === undefined) {
      return null;
    }
    const manifest = decryptStorageManifest(storageKey, stored);
    return {
      version: Number(stored.version),
      items: manifest.identifiers.map(({ raw, type }) => {
        const value = config.getStorageItem(Buffer.from(raw));
        const key = deriveStorageItemKey({ storageKey, recordIkm, key: Buffer.from(raw) });
        return { raw, type, record: value && openValue(key, Buffer.from(value)) };
      }),
    };
  },

  // One step of the primary: some records are added (as bytes), some deleted by their ids.
  async writeStorageItems(server, { primary, add, remove }) {
    const { config, storageKey, storageRecordIkm: recordIkm } = primaryOf(server, primary);
    const stored = config.getStorageManifest();
    const present = stored
      ? decryptStorageManifest(storageKey, stored)
      : { version: 0n, identifiers: [] };
    const removed = remove.map((raw) => Buffer.from(raw));
    const added = add.map(({ type, record }) => ({ raw: randomBytes(16), type, record }));
    const version = present.version + 1n;
    const identifiers = [
      ...present.identifiers.filter(({ raw }) => !removed.some((one) => one.equals(raw))),
      ...added.map(({ raw, type }) => ({ raw, type })),
    ];
    const { updated, error } = await config.applyStorageWrite({
      manifest: encryptStorageManifest(storageKey, {
        version,
        identifiers,
        recordIkm,
        sourceDevice: 1,
      }),
      insertItem: added.map(({ raw, record }) => ({
        key: raw,
        value: sealValue(deriveStorageItemKey({ storageKey, recordIkm, key: raw }), record),
      })),
      deleteKey: removed,
      clearAll: false,
    });
    if (!updated) {
      throw new Error(`the storage write was refused: ${error}`);
    }
    return Number(version);
  },

  // A new account entropy pool, and the manifest under the key that follows from it; nobody is told.
  async renewEntropyPool(server, { primary }) {
    const found = primaryOf(server, primary);
    const state = await found.getStorageState();
    found.accountEntropyPool = AccountEntropyPool.generate();
    found.masterKey = deriveMasterKey(found.accountEntropyPool);
    found.storageKey = deriveStorageKey(found.masterKey);
    if (state !== undefined) {
      await found.setStorageState(state, state);
    }
    return describePrimary(found);
  },

  async setUsername(server, { primary, username }) {
    await server.setUsername(primary, username);
    const { entropy, serverId } = await server.setUsernameLink(primary, username);
    return { entropy, handle: lib.Uuid?.stringify?.(serverId) ?? serverId };
  },

  async preKeyCounts(server, { aci, deviceId }) {
    const device = await server.getDeviceByServiceId(aci, deviceId);
    const counts = {};
    for (const kind of KINDS) {
      if (device.keys.has(kind)) {
        counts[kind] = {
          preKeys: await device.getPreKeyCount(kind),
          kyberPreKeys: await device.getKyberPreKeyCount(kind),
        };
      }
    }
    return counts;
  },

  async takePreKeys(server, { aci, deviceId, count, kind }) {
    const device = await server.getDeviceByServiceId(aci, deviceId);
    for (let taken = 0; taken < count; taken += 1) {
      await device.popSingleUseKey(kind);
    }
  },
};

