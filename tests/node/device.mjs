// A device whose keys, sessions, requests and connections are all the official library's.
import { createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { createRequire } from 'node:module';
import * as lib from '@signalapp/libsignal-client';
import * as zk from '@signalapp/libsignal-client/zkgroup.js';

import { Connection } from './chat.mjs';
import { Party } from './stores.mjs';

const require = createRequire(import.meta.url);
const { signalservice: Proto } = require('@signalapp/mock-server/protos/compiled.js');
const { encryptProfileName } = require('@signalapp/mock-server/src/crypto.js');

const ENVELOPE_OF_SESSION = 1;
const ENVELOPE_RECEIPT = 5;
const ENVELOPE_SEALED = 6;
const PREKEY_COUNT = 3;
const BLOCK = 80;
const DAY_S = 86_400;

const base64 = (bytes) => Buffer.from(bytes).toString('base64');

export class Device {
  // `service`: the trust root, zkgroup's parameters, and where groups are stored behind which CA.
  constructor(net, service, number) {
    this.net = net;
    this.service = service;
    this.number = number;
    this.trustRoot = lib.PublicKey.deserialize(service.trustRoot);
    this.serverParams = new zk.ServerPublicParams(service.serverParams);
    this.password = base64(randomBytes(18));
    this.recoveryPassword = randomBytes(32);
    this.profileKey = new zk.ProfileKey(randomBytes(32));
    this.deviceId = 1;
    this.parties = { aci: newParty(1000), pni: newParty(2000) };
  }

  get login() {
    return `${this.aci.getServiceIdString()}.${this.deviceId}`;
  }

  // --- coming into being ---------------------------------------------------------------------

  async register(session, options) {
    const response = await session.registerAccount(await this.#registration(options));
    this.#become(response.aci, response.pni, 1);
    return response;
  }

  // Once more, with the recovery password that the service has in the place of a code.
  async registerAgain() {
    const inputs = await this.#registration();
    return this.net.reregisterAccount({ e164: this.number, ...inputs });
  }

  async #registration({ registrationLock = null } = {}) {
    const { aci, pni } = this.parties;
    const attributes = new lib.Net.AccountAttributes({
      recoveryPassword: this.recoveryPassword,
      aciRegistrationId: aci.registrationId,
      pniRegistrationId: pni.registrationId,
      registrationLock,
      unidentifiedAccessKey: this.profileKey.deriveAccessKey(),
      unrestrictedUnidentifiedAccess: false,
      capabilities: new Set(['spqr']),
      discoverableByPhoneNumber: true,
    });
    const [ofAci, ofPni] = [await repeatedUseKeys(aci), await repeatedUseKeys(pni)];
    return {
      accountPassword: this.password,
      skipDeviceTransfer: true,
      accountAttributes: attributes,
      aciPublicKey: aci.identity.getPublicKey(),
      pniPublicKey: pni.identity.getPublicKey(),
      aciSignedPreKey: ofAci.signed,
      pniSignedPreKey: ofPni.signed,
      aciPqLastResortPreKey: ofAci.kyber,
      pniPqLastResortPreKey: ofPni.kyber,
    };
  }

  // As a further device of the account that sends a provisioning envelope for the key.
  async link(anonymous, envelope, temporaryKey) {
    const message = openProvisioning(envelope, temporaryKey);
    for (const kind of ['aci', 'pni']) {
      const identity = lib.PrivateKey.deserialize(message[`${kind}IdentityKeyPrivate`]);
      this.parties[kind] = newParty(this.parties[kind].registrationId, identity);
    }
    const { aci, pni } = this.parties;
    const keys = { aci: await repeatedUseKeys(aci), pni: await repeatedUseKeys(pni) };
    const body = {
      verificationCode: message.provisioningCode,
      accountAttributes: {
        fetchesMessages: true,
        registrationId: aci.registrationId,
        pniRegistrationId: pni.registrationId,
        capabilities: { spqr: true, usernameChangeSyncMessage: true },
      },
    };
    for (const [kind, { signed, kyber }] of Object.entries(keys)) {
      body[`${kind}SignedPreKey`] = asJson(signed);
      body[`${kind}PqLastResortPreKey`] = asJson(kyber);
    }
    const login = base64(`${message.number}:${this.password}`);
    const authorization = [['authorization', `Basic ${login}`]];
    const answer = await anonymous.fetch('PUT', '/v1/devices/link', body, authorization);
    if (answer.status === 200) {
      const { uuid, pni: pniText, deviceId } = answer.json;
      this.#become(lib.Aci.fromUuid(uuid), lib.Pni.fromUuid(pniText), deviceId);
    }
    return answer.status;
  }

  #become(aci, pni, deviceId) {
    [this.aci, this.pni, this.deviceId] = [aci, pni, deviceId];
    this.parties.aci.address = lib.ProtocolAddress.new(aci, deviceId);
    this.parties.pni.address = lib.ProtocolAddress.new(pni, deviceId);
  }

  async connect(options) {
    this.chat = await Connection.withLogin(this.net, this.login, this.password, options);
    return this.chat;
  }

  // --- what it keeps at the service ----------------------------------------------------------

  async uploadKeys(identity) {
    const bundles = [];
    for (let count = 0; count < PREKEY_COUNT; count++) {
      bundles.push(await this.parties[identity].bundle());
    }
    const keys = {
      preKeys: bundles.map((one) => ({ keyId: one.preKeyId, publicKey: base64(one.preKey) })),
      pqPreKeys: bundles.map((one) => ({
        keyId: one.kyberPreKeyId,
        publicKey: base64(one.kyberPreKey),
        signature: base64(one.kyberPreKeySignature),
      })),
    };
    return (await this.chat.fetch('PUT', `/v2/keys?identity=${identity}`, keys)).status;
  }

  async putProfile(name) {
    const padded = Buffer.alloc(53);
    padded.write(name);
    const answer = await this.chat.fetch('PUT', '/v1/profile', {
      version: this.profileKey.getProfileKeyVersion(this.aci).toString(),
      commitment: base64(this.profileKey.getCommitment(this.aci).serialize()),
      name: base64(encryptProfileName(Buffer.from(this.profileKey.serialize()), padded)),
      avatar: false,
      sameAvatar: false,
    });
    return answer.status;
  }

  async fetchCertificate() {
    const path = '/v1/certificate/delivery?includeE164=false';
    const { json } = await this.chat.fetch('GET', path);
    this.certificate = lib.SenderCertificate.deserialize(Buffer.from(json.certificate, 'base64'));
  }

  // --- sending -------------------------------------------------------------------------------

  // The content of a message with the fields of a DataMessage.
  content(timestamp, fields, senderKeyDistributionMessage = null) {
    const profileKey = this.profileKey.serialize();
    return Proto.Content.encode({
      content: { dataMessage: { timestamp: BigInt(timestamp), profileKey, ...fields } },
      senderKeyDistributionMessage,
    });
  }

  // Sessions with all devices of an account, from the keys that the service hands out.
  async startSessions(anonymous, serviceId, accessKey) {
    const target = lib.ServiceId.parseFromServiceIdString(serviceId);
    const request = { target, device: 'all', auth: { accessKey } };
    const { preKeyBundles } = await anonymous.chat.getPreKeys(request);
    const { aci } = this.parties;
    for (const bundle of preKeyBundles) {
      const remote = lib.ProtocolAddress.new(target, bundle.deviceId());
      await lib.processPreKeyBundle(bundle, remote, aci.address, aci.sessions, aci.identities);
    }
    return preKeyBundles.map((bundle) => bundle.deviceId());
  }

  async sendSealed(anonymous, serviceId, accessKey, timestamp, content) {
    const { aci } = this.parties;
    const contents = [];
    for (const { remote, ...device } of await this.#devices(serviceId)) {
      const sealed = await lib.sealedSenderEncryptMessage(
        pad(content),
        remote,
        this.certificate,
        aci.sessions,
        aci.identities,
      );
      contents.push({ ...device, contents: sealed });
    }
    await anonymous.chat.sendMessage({
      destination: lib.ServiceId.parseFromServiceIdString(serviceId),
      timestamp,
      contents,
      auth: { accessKey },
      onlineOnly: false,
      urgent: true,
    });
  }

  async sendIdentified(serviceId, timestamp, content) {
    const { aci } = this.parties;
    const contents = [];
    for (const { remote, ...device } of await this.#devices(serviceId)) {
      const message = await lib.signalEncrypt(
        pad(content),
        remote,
        aci.address,
        aci.sessions,
        aci.identities,
      );
      contents.push({ ...device, contents: message });
    }
    await this.chat.chat.sendMessage({
      destination: lib.ServiceId.parseFromServiceIdString(serviceId),
      timestamp,
      contents,
      onlineOnly: false,
      urgent: true,
    });
  }

  // Those with which there are sessions.
  async #devices(serviceId) {
    const { sessions } = this.parties.aci;
    const found = [];
    for (const key of sessions.records.keys()) {
      const [name, device] = key.split('.');
      if (name === serviceId) {
        const remote = lib.ProtocolAddress.new(name, Number(device));
        const record = await sessions.getSession(remote);
        const registrationId = record.remoteRegistrationId();
        found.push({ remote, deviceId: Number(device), registrationId });
      }
    }
    return found;
  }

  // --- receiving -----------------------------------------------------------------------------

  // The next message, decrypted and answered with a status (0: not at all).
  async receive(status = 200) {
    const event = await this.chat.events.next();
    if (event.kind !== 'message') {
      throw new Error(`not a message: ${JSON.stringify(event)}`);
    }
    const message = await this.open(event.envelope);
    if (status !== 0) {
      event.ack(status);
    }
    return message;
  }

  async open(envelopeBytes) {
    const envelope = Proto.Envelope.decode(envelopeBytes);
    const guid = Buffer.from(envelope.serverGuidBinary ?? envelope.serverGuid ?? []).toString('hex');
    if (envelope.type === ENVELOPE_RECEIPT) {
      return { guid, delivered: Number(envelope.clientTimestamp) };
    }
    const { plaintext, ...opened } =
      envelope.type === ENVELOPE_SEALED
        ? await this.#openSealed(envelope)
        : await this.#openIdentified(envelope);
    return { guid, ...opened, ...plainContent(plaintext) };
  }

  async #openSealed(envelope) {
    const { aci } = this.parties;
    const result = await lib.sealedSenderDecryptMessage(
      envelope.content,
      this.trustRoot,
      Date.now(),
      this.number,
      this.aci.getServiceIdString(),
      this.deviceId,
      aci.sessions,
      aci.identities,
      aci.preKeys,
      aci.signedPreKeys,
      aci.kyberPreKeys,
    );
    return { sealed: true, sender: result.senderAci().getServiceIdString(), plaintext: result.message() };
  }

  async #openIdentified(envelope) {
    const source = serviceIdOf(envelope, 'source');
    const remote = lib.ProtocolAddress.new(source, envelope.sourceDeviceId);
    const type = envelope.type === ENVELOPE_OF_SESSION ? 2 : 3;
    const plaintext = await this.parties.aci.decrypt(remote, type, envelope.content);
    return { sealed: false, sender: source.getServiceIdString(), plaintext };
  }

  // --- groups --------------------------------------------------------------------------------

  // What the service lets this account say to the members of a group: the token and who they are.
  async groupSendToken(masterKey) {
    const group = zk.GroupSecretParams.deriveFromMasterKey(new zk.GroupMasterKey(masterKey));
    const today = Math.floor(Date.now() / 1000 / DAY_S) * DAY_S;
    const range = `redemptionStartSeconds=${today}&redemptionEndSeconds=${today}`;
    const { json } = await this.chat.fetch('GET', `/v1/certificate/auth/group?${range}`);
    const operations = new zk.ClientZkAuthOperations(this.serverParams);
    const credential = operations.receiveAuthCredentialWithPniAsServiceId(
      this.aci,
      this.pni,
      today,
      new zk.AuthCredentialWithPniResponse(Buffer.from(json.credentials[0].credential, 'base64')),
    );
    const presentation = operations.createAuthCredentialWithPniPresentation(group, credential);
    const user = Buffer.from(group.getPublicParams().serialize()).toString('hex');
    const secret = Buffer.from(presentation.serialize()).toString('hex');
    const { storageUrl, certificateAuthority: ca } = this.service;
    const auth = `${user}:${secret}`;
    const response = Proto.GroupResponse.decode(await get(`${storageUrl}/v2/groups`, { ca, auth }));
    const cipher = new zk.ClientZkGroupCipher(group);
    const members = response.group.members.map((member) =>
      cipher.decryptServiceId(new zk.UuidCiphertext(member.userId)),
    );
    const endorsements = new zk.GroupSendEndorsementsResponse(
      response.groupSendEndorsementsResponse,
    );
    const received = endorsements.receiveWithServiceIds(
      members,
      this.aci,
      group,
      this.serverParams,
    );
    const token = received.combinedEndorsement.toFullToken(group, endorsements.getExpiration());
    return { token, members: members.map((member) => member.getServiceIdString()) };
  }

  // The distribution message of a new sender key, and a way to send with it.
  async startSenderKey() {
    this.distributionId = randomUUID();
    const { aci } = this.parties;
    const message = await lib.SenderKeyDistributionMessage.create(
      aci.address,
      this.distributionId,
      aci.senderKeys,
    );
    return message.serialize();
  }

  async sendToGroup(anonymous, token, groupId, serviceIds, timestamp, content) {
    const { aci } = this.parties;
    const ciphertext = await lib.groupEncrypt(
      aci.address,
      this.distributionId,
      aci.senderKeys,
      pad(content),
    );
    const usmc = lib.UnidentifiedSenderMessageContent.new(
      ciphertext,
      this.certificate,
      lib.ContentHint.Resendable,
      groupId,
    );
    const recipients = [];
    for (const serviceId of serviceIds) {
      recipients.push(...(await this.#devices(serviceId)).map(({ remote }) => remote));
    }
    const payload = await lib.sealedSenderMultiRecipientEncrypt({
      content: usmc,
      recipients,
      identityStore: aci.identities,
      sessionStore: aci.sessions,
    });
    const response = await anonymous.chat.sendMultiRecipientMessage({
      payload,
      timestamp,
      auth: token,
      onlineOnly: false,
      urgent: true,
    });
    return response.unregisteredIds.map((id) => id.getServiceIdString());
  }
}

// --- formats -----------------------------------------------------------------------------------

function get(url, options) {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, options, async (response) => {
      const body = Buffer.concat(await response.toArray());
      if (response.statusCode === 200) {
        resolve(body);
      } else {
        reject(new Error(`${url} answers ${response.statusCode}`));
      }
    });
    request.on('error', reject);
    request.end();
  });
}

function plainContent(padded) {
  const content = Proto.Content.decode(unpad(padded));
  const message = content.content?.dataMessage;
  return {
    body: message?.body ?? null,
    profileKey: message?.profileKey ?? null,
    masterKey: message?.groupV2?.masterKey ?? null,
    receiptOf: content.content?.receiptMessage?.timestamp?.map(Number) ?? null,
  };
}

function pad(content) {
  const blocks = Math.ceil((content.length + 2) / BLOCK);
  const padded = Buffer.alloc(blocks * BLOCK - 1);
  padded.set(content);
  padded[content.length] = 0x80;
  return padded;
}

function unpad(padded) {
  return padded.subarray(0, padded.lastIndexOf(0x80));
}

function serviceIdOf(envelope, which) {
  const binary = envelope[`${which}ServiceIdBinary`];
  return binary?.length
    ? lib.ServiceId.parseFromServiceIdBinary(binary)
    : lib.ServiceId.parseFromServiceIdString(envelope[`${which}ServiceId`]);
}

function newParty(registrationId, identity = lib.PrivateKey.generate()) {
  return new Party({ serviceId: 'not yet known', registrationId, identity });
}

async function repeatedUseKeys(party) {
  const { signedPreKeyId, kyberPreKeyId } = await party.bundle({ oneTime: false });
  return {
    signed: await party.signedPreKeys.getSignedPreKey(signedPreKeyId),
    kyber: await party.kyberPreKeys.getKyberPreKey(kyberPreKeyId),
  };
}

function asJson(record) {
  return {
    keyId: record.id(),
    publicKey: base64(record.publicKey().serialize()),
    signature: base64(record.signature()),
  };
}

function openProvisioning(envelope, temporaryKey) {
  const { publicKey, body } = Proto.ProvisionEnvelope.decode(envelope);
  const agreement = temporaryKey.agree(lib.PublicKey.deserialize(publicKey));
  const secrets = lib.hkdf(64, agreement, Buffer.from('TextSecure Provisioning Message'), null);
  const decipher = createDecipheriv('aes-256-cbc', secrets.subarray(0, 32), body.subarray(1, 17));
  const plaintext = [decipher.update(body.subarray(17, body.length - 32)), decipher.final()];
  return Proto.ProvisionMessage.decode(Buffer.concat(plaintext));
}
