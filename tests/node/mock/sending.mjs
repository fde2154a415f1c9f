// Messages from mock primaries to the devices that clients run.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

import { encryptAttachment, mock, Proto } from './package.mjs';
import { primaryOf } from './primaries.mjs';

// The devices of an account that have a queue, each with a session to it.
async function targetsOf(server, primary, aci, deviceId, serviceIdKind) {
  const devices = (await server.getAllDevicesByServiceId(aci)).filter(
    (device) =>
      server.hasQueue(device) && (deviceId === null || device.deviceId === deviceId),
  );
  if (devices.length === 0) {
    throw new Error(`${aci} has no device that a client runs`);
  }
  for (const device of devices) {
    await ensureSession(primary, device, serviceIdKind);
  }
  return devices;
}

async function ensureSession(primary, device, serviceIdKind) {
  const session = await primary.sessions.getSession(device.getAddressByKind(serviceIdKind));
  if (session === null || !session.hasCurrentState(new Date())) {
    const key = await device.popSingleUseKey(serviceIdKind);
    await primary.addSingleUseKey(device, key, serviceIdKind);
  }
}

// A pointer to an attachment that lies at a CDN, as a sender would have uploaded it.
async function storeAttachment(server, { data, contentType, fileName, cdn }) {
  const encrypted = encryptAttachment(data);
  const key = randomBytes(15).toString('base64url');
  if (cdn === 3) {
    await server.storeAttachmentOnCdn(3, key, encrypted.blob);
  } else {
    server.attachments.set(key, encrypted.blob);
  }
  return {
    contentType,
    attachmentIdentifier: { cdnKey: key },
    key: encrypted.key,
    digest: encrypted.digest,
    size: encrypted.size,
    fileName,
    cdnNumber: cdn,
  };
}

// Independent of both the package's encryptor and the client under test.
function decryptAttachment(blob, key, digest, size) {
  const bytes = Buffer.from(blob);
  if (digest !== null && !createHash('sha256').update(bytes).digest().equals(digest)) {
    throw new Error('the attachment does not match its digest');
  }
  const body = bytes.subarray(0, -32);
  const mac = createHmac('sha256', key.subarray(32)).update(body).digest();
  if (!mac.equals(bytes.subarray(-32))) {
    throw new Error('the attachment has a wrong MAC');
  }
  const cipher = createDecipheriv('aes-256-cbc', key.subarray(0, 32), body.subarray(0, 16));
  const plaintext = Buffer.concat([cipher.update(body.subarray(16)), cipher.final()]);
  return { plaintext: size === null ? plaintext : plaintext.subarray(0, size), padded: plaintext };
}

async function optionsFor(server, primary, { sealed, serviceIdKind, group, senderKey, target }) {
  const options = { sealed, serviceIdKind };
  if (group !== null) {
    options.group = server.testGroups.get(group);
  }
  if (senderKey) {
    options.sealed = true;
    options.distributionId = await distributionFor(primary, group, target, options);
  }
  return options;
}

// One distribution for each group and device; the first use sends the distribution message.
async function distributionFor(primary, group, target, options) {
  primary.distributions ??= new Map();
  const key = `${group}/${target.debugId}`;
  let distribution = primary.distributions.get(key);
  if (distribution === undefined) {
    distribution = await primary.sendSenderKey(target, {
      sealed: options.sealed,
      skipSkdmSend: false,
    });
    primary.distributions.set(key, distribution);
  }
  return distribution;
}

function encryptPackFile(packKey, plaintext) {
  const keys = Buffer.from(hkdfSync('sha256', packKey, Buffer.alloc(32), 'Sticker Pack', 64));
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', keys.subarray(0, 32), iv);
  const body = Buffer.concat([iv, cipher.update(plaintext), cipher.final()]);
  const mac = createHmac('sha256', keys.subarray(32)).update(body).digest();
  return Buffer.concat([body, mac]);
}

export const sendingCommands = {
  // count > 1 sends "<text> 0", "<text> 1", … with timestamps that rise by one.
  async sendText(server, args) {
    const { primary: aci, to, deviceId, text, count, sealed, serviceIdKind, group } = args;
    const primary = primaryOf(server, aci);
    const targets = await targetsOf(server, primary, to, deviceId, serviceIdKind);
    const first = args.timestamp ?? server.nextTimestamp(count);
    const attachments = [];
    for (const attachment of args.attachments) {
      attachments.push(await storeAttachment(server, attachment));
    }
    for (const target of targets) {
      const options = await optionsFor(server, primary, {
        sealed,
        serviceIdKind,
        group,
        senderKey: args.senderKey,
        target,
      });
      for (let index = 0; index < count; index += 1) {
        const timestamp = first + index;
        const body = count === 1 ? text : `${text} ${index}`;
        const dataMessage = {
          ...mock.EMPTY_DATA_MESSAGE,
          body,
          timestamp: BigInt(timestamp),
          groupV2: options.group?.toContext() ?? null,
          profileKey: args.withProfileKey ? primary.profileKey.serialize() : null,
          attachments,
          ...args.fields,
        };
        const envelope = await primary.encryptContent(
          target,
          { content: { dataMessage } },
          { ...options, timestamp },
        );
        await server.send(target, envelope);
      }
    }
    return first;
  },

  // `content` is an encoded Content, or an object in the package's form ({content: {typingMessage: {…}}, …}).
  async sendContent(server, args) {
    const { primary: aci, to, deviceId, content, sealed, serviceIdKind } = args;
    const primary = primaryOf(server, aci);
    const timestamp = args.timestamp ?? server.nextTimestamp(1);
    const encoded = ArrayBuffer.isView(content) ? content : Proto.Content.encode(content);
    for (const target of await targetsOf(server, primary, to, deviceId, serviceIdKind)) {
      const envelope = await primary.lock(() =>
        primary.encrypt(target, Buffer.from(encoded), { timestamp, sealed, serviceIdKind }),
      );
      await server.send(target, envelope);
    }
    return timestamp;
  },

  // An envelope as it is, for hostile input: nothing is encrypted, only the server's fields are added.
  async sendEnvelope(server, { to, deviceId, envelope }) {
    const device = await server.getDeviceByServiceId(to, deviceId);
    const encoded = ArrayBuffer.isView(envelope) ? envelope : Proto.Envelope.encode(envelope);
    await server.send(device, Buffer.from(encoded));
  },

  async sendSyncText(server, { primary: aci, text, destination, deviceId, timestamp }) {
    const primary = primaryOf(server, aci);
    const chosen = timestamp ?? server.nextTimestamp(1);
    for (const target of await targetsOf(server, primary, aci, deviceId, 'ACI')) {
      const envelope = await primary.encryptSyncSent(target, text, {
        timestamp: chosen,
        destinationServiceId: destination,
      });
      await server.send(target, envelope);
    }
    return chosen;
  },

  async sendReceipt(server, { primary: aci, to, deviceId, type, timestamps, sealed }) {
    const primary = primaryOf(server, aci);
    for (const target of await targetsOf(server, primary, to, deviceId, 'ACI')) {
      const envelope = await primary.encryptReceipt(target, {
        type,
        messageTimestamps: timestamps,
        timestamp: server.nextTimestamp(1),
        sealed,
      });
      await server.send(target, envelope);
    }
  },

  async sendServerReceipt(server, { primary: aci, to, deviceId, timestamp }) {
    const primary = primaryOf(server, aci);
    for (const target of await targetsOf(server, primary, to, deviceId, 'ACI')) {
      await primary.sendUnencryptedReceipt(target, { messageTimestamp: timestamp });
    }
  },

  async sendFetchStorage(server, { primary: aci }) {
    const primary = primaryOf(server, aci);
    await targetsOf(server, primary, aci, null, 'ACI');
    await primary.sendFetchStorage({ timestamp: server.nextTimestamp(1) });
  },

  // A pack at CDN 0, encrypted here with Node's crypto as Signal's clients do it.
  async storeStickerPack(server, { id, key, title, author, stickers }) {
    const entries = stickers.map(({ emoji, contentType }, number) => ({
      id: number,
      emoji,
      contentType,
    }));
    const manifest = Proto.StickerPack.encode({
      title,
      author,
      cover: entries[0],
      stickers: entries,
    });
    await server.storeStickerPack({
      id,
      manifest: encryptPackFile(key, manifest),
      stickers: stickers.map(({ content }) => encryptPackFile(key, content)),
    });
  },

  async sendStickerPackSync(server, { primary: aci, packId, packKey, type }) {
    const timestamp = server.nextTimestamp(1);
    await primaryOf(server, aci).sendStickerPackSync({ packId, packKey, type, timestamp });
  },

  async storeAttachment(server, args) {
    return storeAttachment(server, args);
  },

  async blob(server, { cdn, key }) {
    return (await server.uploads.blob(cdn, key)) ?? null;
  },

  async decryptAttachment(server, { cdn, cdnKey, key, digest, size }) {
    const blob = await server.uploads.blob(cdn, cdnKey);
    if (blob === undefined) {
      throw new Error(`nothing lies at CDN ${cdn} under ${cdnKey}`);
    }
    const { plaintext, padded } = decryptAttachment(blob, key, digest, size);
    return { plaintext, paddedLength: padded.length, blobLength: blob.length };
  },
};
