// Endpoints that Signal-Server has over REST and the package does not. They are the harness's own reading of
// Signal-Server's interface and therefore no oracle.
import { randomUUID } from 'node:crypto';

import { MultiRecipientMessage, Proto } from './package.mjs';

const NOT_AUTHORIZED = [401, { error: 'Not authorized' }];

export function installExtras(connection) {
  const { extras: router, server } = connection;
  const withLogin = (handler) => async (params, body, headers, query) =>
    connection.device === undefined
      ? NOT_AUTHORIZED
      : handler(connection.device, { params, body, headers, query: query ?? {} });

  const uploadForm = withLogin(async (_device, { query }) =>
    server.uploads.form(Number(query.uploadLength ?? 0)),
  );
  router.get('/v4/attachments/form/upload', uploadForm);

  installDevices(router, server, withLogin);
  installAccount(router, server, withLogin, connection);
  installUsernames(router, server, withLogin, connection);
  router.put('/v1/messages/multi_recipient', async (_params, body, headers, query) =>
    connection.device === undefined
      ? multiRecipient(server, body, headers, query ?? {})
      : [400, { error: 'a login must not be combined with a group send' }],
  );
}

function installDevices(router, server, withLogin) {
  router.get(
    '/v1/devices',
    withLogin(async (device) => {
      const devices = await server.getAllDevicesByServiceId(device.aci);
      return [
        200,
        {
          devices: devices.map((each) => ({
            id: each.deviceId,
            name: server.deviceNames.get(each) ?? null,
            lastSeen: Date.now(),
            registrationId: each.registrationId,
          })),
        },
      ];
    }),
  );
  router.del(
    '/v1/devices/:id',
    withLogin(async (device, { params }) => {
      const id = Number(params.id);
      if (device.deviceId !== 1 && device.deviceId !== id) {
        return NOT_AUTHORIZED;
      }
      if (id === 1) {
        return [403, {}];
      }
      const target = await server.getDeviceByServiceId(device.aci, id);
      if (target !== undefined) {
        await server.removeDevice(target);
      }
      return [204, {}];
    }),
  );
}

function installAccount(router, server, withLogin, connection) {
  router.put(
    '/v1/accounts/name',
    withLogin(async (device, { body, query }) => {
      const id = query.deviceId === undefined ? device.deviceId : Number(query.deviceId);
      const target = await server.getDeviceByServiceId(device.aci, id);
      if (target === undefined) {
        return [404, {}];
      }
      server.deviceNames.set(target, JSON.parse(Buffer.from(body)).deviceName);
      return [204, {}];
    }),
  );
  // The access key in the body is kept by accounts.mjs.
  router.put(
    '/v1/accounts/attributes',
    withLogin(async () => [204, {}]),
  );
  router.register('HEAD', '/v1/accounts/account/:serviceId', async (params) => {
    if (connection.device !== undefined) {
      return [400, {}];
    }
    const found = await server.getDeviceByServiceId(params.serviceId);
    return [found === undefined || server.isUnregistered(params.serviceId) ? 404 : 200, {}];
  });
}

function installUsernames(router, server, withLogin, connection) {
  const fromUrl = (text) => Buffer.from(text, 'base64url');
  router.put(
    '/v1/accounts/username_hash/reserve',
    withLogin(async (device, { body }) => {
      const { usernameHashes } = JSON.parse(Buffer.from(body));
      const hash = await server.reserveUsername(device.aci, {
        usernameHashes: usernameHashes.map(fromUrl),
      });
      return hash === undefined
        ? [409, {}]
        : [200, { usernameHash: Buffer.from(hash).toString('base64url') }];
    }),
  );
  router.del(
    '/v1/accounts/username_hash',
    withLogin(async (device) => {
      await server.deleteUsername(device.aci);
      return [204, {}];
    }),
  );
  router.get('/v1/accounts/username_hash/:hash', async (params) => {
    if (connection.device !== undefined) {
      return [400, {}];
    }
    const aci = await server.lookupByUsernameHash(fromUrl(params.hash));
    return aci === undefined ? [404, {}] : [200, { uuid: aci }];
  });
  router.put(
    '/v1/accounts/username_link',
    withLogin(async (device, { body }) => {
      const { usernameLinkEncryptedValue, keepLinkHandle } = JSON.parse(Buffer.from(body));
      await server.replaceUsernameLink(device.aci, fromUrl(usernameLinkEncryptedValue), {
        keepLinkHandle,
      });
      return [
        200,
        { usernameLinkHandle: server.usernameLinkIdByServiceId.get(device.aci) ?? randomUUID() },
      ];
    }),
  );
  router.get('/v1/accounts/username_link/:handle', async (params) => {
    const value = await server.lookupByUsernameLink(params.handle);
    return value === undefined
      ? [404, {}]
      : [200, { usernameLinkEncryptedValue: Buffer.from(value).toString('base64url') }];
  });
}

// Sealed sender v2 for many recipients; tokens and combined access keys are not verified.
async function multiRecipient(server, body, headers, query) {
  const token = headers['group-send-token'];
  const key = headers['unidentified-access-key'];
  if (token !== undefined && key !== undefined) {
    return [400, {}];
  }
  if (token === undefined && key === undefined && query.story !== 'true') {
    return [401, {}];
  }
  const message = new MultiRecipientMessage(Buffer.from(body));
  const prepared = [];
  for (const [uuid, recipient] of Object.entries(message.recipientsByServiceIdString())) {
    const content = Buffer.from(message.messageForRecipient(recipient)).toString('base64');
    const messages = [...recipient.deviceIds].map((deviceId, index) => ({
      type: Proto.Envelope.Type.UNIDENTIFIED_SENDER,
      destinationDeviceId: deviceId,
      destinationRegistrationId: recipient.registrationIds.at(index),
      content,
    }));
    prepared.push({
      uuid,
      answer: await server.prepareMultiDeviceMessage(undefined, uuid, messages, BigInt(query.ts)),
    });
  }
  const having = (status) => prepared.filter(({ answer }) => answer.status === status);
  const missing = having('incomplete');
  if (missing.length > 0) {
    const describe = ({ uuid, answer: { missingDevices, extraDevices } }) => ({
      uuid,
      devices: { missingDevices, extraDevices },
    });
    return [409, missing.map(describe)];
  }
  const stale = having('stale');
  if (stale.length > 0) {
    const describe = ({ uuid, answer: { staleDevices } }) => ({ uuid, devices: { staleDevices } });
    return [410, stale.map(describe)];
  }
  for (const { uuid, answer } of having('ok')) {
    await server.handlePreparedMultiDeviceMessage(undefined, uuid, answer.result);
  }
  return [200, { uuids404: having('unknown').map(({ uuid }) => uuid) }];
}

