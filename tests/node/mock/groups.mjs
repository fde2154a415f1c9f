// Groups made by mock primaries.
import { mock, zkgroup } from './package.mjs';
import { primaryOf } from './primaries.mjs';

function describeGroup(group) {
  const { state } = group;
  return {
    id: group.id,
    masterKey: group.masterKey,
    publicParams: group.publicParams.serialize(),
    revision: group.revision,
    title: group.title,
    members: (state.members ?? [])
      .filter((member) => member.userId?.length)
      .map((member) => ({
        serviceId: group.decryptServiceId(member.userId),
        role: member.role,
      })),
    pending: (state.membersPendingProfileKey ?? []).map(({ member }) =>
      group.decryptServiceId(member.userId),
    ),
  };
}

// The group as the server has it now, decrypted with its master key.
async function current(server, group) {
  const found = await server.getGroup(group.publicParams.serialize());
  return new mock.Group({ secretParams: group.secretParams, groupState: found.state });
}

export const groupCommands = {
  async createGroup(server, { primary, title, members }) {
    const creator = primaryOf(server, primary);
    const group = await creator.createGroup({
      title,
      members: [creator, ...members.map((aci) => primaryOf(server, aci))],
    });
    server.testGroups.set(group.id, group);
    return describeGroup(await current(server, group));
  },

  // Makes a group known that the client under test created, by its master key.
  async adoptGroup(server, { masterKey }) {
    const secretParams = zkgroup.GroupSecretParams.deriveFromMasterKey(
      new zkgroup.GroupMasterKey(masterKey),
    );
    const found = await server.getGroup(secretParams.getPublicParams().serialize());
    if (found === undefined) {
      throw new Error('the server has no such group');
    }
    const group = new mock.Group({ secretParams, groupState: found.state });
    server.testGroups.set(group.id, group);
    return describeGroup(group);
  },

  async describeGroup(server, { id }) {
    const group = await current(server, server.testGroups.get(id));
    server.testGroups.set(id, group);
    return describeGroup(group);
  },

  async inviteToGroup(server, { primary, id, aci, serviceIdKind }) {
    const invitee = await server.getDeviceByServiceId(aci);
    const group = await primaryOf(server, primary).inviteToGroup(
      server.testGroups.get(id),
      invitee,
      { serviceIdKind, sendUpdateTo: [] },
    );
    server.testGroups.set(id, group);
    return describeGroup(group);
  },
};
