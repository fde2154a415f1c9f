// Linked devices that run official libsignal, of accounts whose primary device is a client.
import { generateRegistrationId, lib, mock, Proto } from './package.mjs';
import { describeDevice, watch } from './primaries.mjs';

async function addLinkedDevice(server, { aci, identityKey }) {
  const primary = await server.getDeviceByServiceId(aci);
  const device = await server.registerDevice({
    primary,
    registrationId: generateRegistrationId(),
    pniRegistrationId: primary.pni ? generateRegistrationId() : undefined,
  });
  // The package's class for primaries serves as well: it decrypts, encrypts and answers nothing that it is not asked.
  const linked = new mock.PrimaryDevice(device, {
    profileName: '',
    contacts: server.emptyAttachment,
    trustRoot: server.trustRoot.getPublicKey(),
    send: server.send.bind(server),
    getSenderCertificate: server.getSenderCertificate.bind(server, device),
    getDeviceByServiceId: server.getDeviceByServiceId.bind(server),
  });
  linked.privateKey = lib.PrivateKey.deserialize(identityKey);
  linked.publicKey = linked.privateKey.getPublicKey();
  await linked.identity.get('ACI').updateIdentityKey(linked.privateKey);
  await linked.init();
  device.profileName = primary.profileName;
  device.profileKeyCommitment = primary.profileKeyCommitment;
  device.accessKey = primary.accessKey;
  server.linkedDevices.set(device, linked);
  watch(server, linked);
  return describeDevice(device);
}

// The entries of a list of contacts, each behind its length, and pictures left out.
function decodeContacts(data) {
  const bytes = Buffer.from(data);
  const contacts = [];
  let at = 0;
  while (at < bytes.length) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        break;
      }
    }
    const contact = Proto.ContactDetails.decode(bytes.subarray(at, at + length));
    at += length + (contact.avatar?.length ?? 0);
    contacts.push(contact);
  }
  return contacts;
}

export const linkedCommands = {
  addLinkedDevice,

  async decodeContacts(_server, { data }) {
    return decodeContacts(data);
  },
};
