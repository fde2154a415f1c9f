// In-memory stores for the official libsignal, and a Party that owns one of each.
import * as lib from '@signalapp/libsignal-client';

const keyOf = (address) => `${address.name()}.${address.deviceId()}`;

// Records are kept serialized, so that a failed operation cannot leave a half-changed one behind.
export class InMemorySessionStore extends lib.SessionStore {
  records = new Map();

  async saveSession(address, record) {
    this.records.set(keyOf(address), record.serialize());
  }

  async getSession(address) {
    const bytes = this.records.get(keyOf(address));
    return bytes === undefined ? null : lib.SessionRecord.deserialize(bytes);
  }

  async getExistingSessions(addresses) {
    return addresses.map((address) => {
      const bytes = this.records.get(keyOf(address));
      if (bytes === undefined) {
        throw new Error(`no session for ${keyOf(address)}`);
      }
      return lib.SessionRecord.deserialize(bytes);
    });
  }
}

export class InMemoryIdentityKeyStore extends lib.IdentityKeyStore {
  identities = new Map();

  constructor(privateKey = lib.PrivateKey.generate(), registrationId = 5) {
    super();
    this.privateKey = privateKey;
    this.registrationId = registrationId;
  }

  async getIdentityKey() {
    return this.privateKey;
  }

  async getLocalRegistrationId() {
    return this.registrationId;
  }

  async saveIdentity(address, key) {
    const known = this.identities.get(keyOf(address));
    this.identities.set(keyOf(address), key);
    return known === undefined || known.equals(key)
      ? lib.IdentityChange.NewOrUnchanged
      : lib.IdentityChange.ReplacedExisting;
  }

  async isTrustedIdentity(address, key, _direction) {
    const known = this.identities.get(keyOf(address));
    return known === undefined || known.equals(key);
  }

  async getIdentity(address) {
    return this.identities.get(keyOf(address)) ?? null;
  }
}

class RecordsById {
  constructor(kind) {
    this.kind = kind;
    this.records = new Map();
  }

  get(id) {
    const record = this.records.get(id);
    if (record === undefined) {
      throw new Error(`no ${this.kind} ${id}`);
    }
    return record;
  }
}

export class InMemoryPreKeyStore extends lib.PreKeyStore {
  state = new RecordsById('prekey');

  async savePreKey(id, record) {
    this.state.records.set(id, record);
  }

  async getPreKey(id) {
    return this.state.get(id);
  }

  async removePreKey(id) {
    this.state.records.delete(id);
  }
}

export class InMemorySignedPreKeyStore extends lib.SignedPreKeyStore {
  state = new RecordsById('signed prekey');

  async saveSignedPreKey(id, record) {
    this.state.records.set(id, record);
  }

  async getSignedPreKey(id) {
    return this.state.get(id);
  }
}

export class InMemoryKyberPreKeyStore extends lib.KyberPreKeyStore {
  state = new RecordsById('kyber prekey');
  used = new Set();

  async saveKyberPreKey(id, record) {
    this.state.records.set(id, record);
  }

  async getKyberPreKey(id) {
    return this.state.get(id);
  }

  // Every key counts as a last-resort one: kept, but refused with the same base key again.
  async markKyberPreKeyUsed(id, signedPreKeyId, baseKey) {
    const use = `${id}/${signedPreKeyId}/${Buffer.from(baseKey.serialize()).toString('hex')}`;
    if (this.used.has(use)) {
      throw new Error('base key reused with the same kyber prekey');
    }
    this.used.add(use);
  }
}

export class InMemorySenderKeyStore extends lib.SenderKeyStore {
  records = new Map();

  async saveSenderKey(sender, distributionId, record) {
    this.records.set(`${keyOf(sender)}/${distributionId}`, record.serialize());
  }

  async getSenderKey(sender, distributionId) {
    const bytes = this.records.get(`${keyOf(sender)}/${distributionId}`);
    return bytes === undefined ? null : lib.SenderKeyRecord.deserialize(bytes);
  }
}

// One device with its stores. `bundle()` makes new prekeys and returns their public halves.
export class Party {
  sessions = new InMemorySessionStore();
  preKeys = new InMemoryPreKeyStore();
  signedPreKeys = new InMemorySignedPreKeyStore();
  kyberPreKeys = new InMemoryKyberPreKeyStore();
  senderKeys = new InMemorySenderKeyStore();

  constructor({
    serviceId,
    deviceId = 1,
    registrationId = 5,
    identity = lib.PrivateKey.generate(),
  }) {
    this.address = lib.ProtocolAddress.new(serviceId, deviceId);
    this.registrationId = registrationId;
    this.identity = identity;
    this.identities = new InMemoryIdentityKeyStore(identity, registrationId);
    this.nextId = 1;
  }

  async bundle({ oneTime = true } = {}) {
    const id = this.nextId++;
    const now = Date.now();
    const preKey = lib.PrivateKey.generate();
    const signedPreKey = lib.PrivateKey.generate();
    const signedPublic = signedPreKey.getPublicKey();
    const signature = this.identity.sign(signedPublic.serialize());
    const kyber = lib.KEMKeyPair.generate();
    const kyberSignature = this.identity.sign(kyber.getPublicKey().serialize());
    if (oneTime) {
      await this.preKeys.savePreKey(id, lib.PreKeyRecord.new(id, preKey.getPublicKey(), preKey));
    }
    await this.signedPreKeys.saveSignedPreKey(
      id,
      lib.SignedPreKeyRecord.new(id, now, signedPublic, signedPreKey, signature),
    );
    await this.kyberPreKeys.saveKyberPreKey(
      id,
      lib.KyberPreKeyRecord.new(id, now, kyber, kyberSignature),
    );
    return {
      registrationId: this.registrationId,
      deviceId: this.address.deviceId(),
      identityKey: this.identity.getPublicKey().serialize(),
      preKeyId: oneTime ? id : null,
      preKey: oneTime ? preKey.getPublicKey().serialize() : null,
      signedPreKeyId: id,
      signedPreKey: signedPublic.serialize(),
      signedPreKeySignature: signature,
      kyberPreKeyId: id,
      kyberPreKey: kyber.getPublicKey().serialize(),
      kyberPreKeySignature: kyberSignature,
    };
  }

  // `bundle` is an object of bytes and numbers in the form that bundle() returns.
  async processBundle(remote, bundle, now = new Date()) {
    const parsed = lib.PreKeyBundle.new(
      bundle.registrationId,
      bundle.deviceId,
      bundle.preKeyId,
      bundle.preKey === null ? null : lib.PublicKey.deserialize(bundle.preKey),
      bundle.signedPreKeyId,
      lib.PublicKey.deserialize(bundle.signedPreKey),
      bundle.signedPreKeySignature,
      lib.PublicKey.deserialize(bundle.identityKey),
      bundle.kyberPreKeyId,
      lib.KEMPublicKey.deserialize(bundle.kyberPreKey),
      bundle.kyberPreKeySignature,
    );
    await lib.processPreKeyBundle(
      parsed,
      remote,
      this.address,
      this.sessions,
      this.identities,
      now,
    );
  }

  async encrypt(remote, plaintext, now = new Date()) {
    const message = await lib.signalEncrypt(
      plaintext,
      remote,
      this.address,
      this.sessions,
      this.identities,
      now,
    );
    return { type: message.type(), body: message.serialize() };
  }

  // `type` 2 is a message of an established session, 3 a prekey message.
  async decrypt(remote, type, body) {
    if (type === 2) {
      return lib.signalDecrypt(
        lib.SignalMessage.deserialize(body),
        remote,
        this.address,
        this.sessions,
        this.identities,
      );
    }
    return lib.signalDecryptPreKey(
      lib.PreKeySignalMessage.deserialize(body),
      remote,
      this.address,
      this.sessions,
      this.identities,
      this.preKeys,
      this.signedPreKeys,
      this.kyberPreKeys,
    );
  }
}

export {
  InMemorySessionStore as SessionStore,
  InMemoryIdentityKeyStore as IdentityKeyStore,
  InMemoryPreKeyStore as PreKeyStore,
  InMemorySignedPreKeyStore as SignedPreKeyStore,
  InMemoryKyberPreKeyStore as KyberPreKeyStore,
  InMemorySenderKeyStore as SenderKeyStore,
};
