// What the package parses and forgets about accounts that clients registered: access key, profile, device names.
import { zkgroup } from './package.mjs';

const PROFILE_FIELDS = ['about', 'aboutEmoji', 'paymentAddress', 'phoneNumberSharing'];

export async function captureAnswer(server, device, entry, pathname, answer) {
  if (answer.status !== 200 && answer.status !== 204) {
    return;
  }
  const what = `${entry.verb} ${pathname}`;
  if (what === 'POST /v1/registration') {
    const { accountAttributes } = JSON.parse(entry.body);
    const { uuid } = JSON.parse(Buffer.from(answer.body));
    const registered = await server.getDeviceByServiceId(uuid);
    registered.accessKey = bytesOf(accountAttributes.unidentifiedAccessKey);
  } else if (what === 'PUT /v1/devices/link') {
    const { accountAttributes } = JSON.parse(entry.body);
    const { uuid, deviceId } = JSON.parse(Buffer.from(answer.body));
    const linked = await server.getDeviceByServiceId(uuid, deviceId);
    server.deviceNames.set(linked, accountAttributes.name);
  } else if (what === 'PUT /v1/accounts/attributes') {
    const attributes = JSON.parse(entry.body);
    const primary = await server.getDeviceByServiceId(device.aci);
    primary.accessKey = bytesOf(attributes.unidentifiedAccessKey) ?? primary.accessKey;
  } else if (what === 'PUT /v1/profile') {
    await captureProfile(server, device, JSON.parse(entry.body));
  }
}

async function captureProfile(server, device, profile) {
  const primary = await server.getDeviceByServiceId(device.aci);
  const name = Buffer.from(profile.name, 'base64');
  primary.profileName = name.length > 0 ? name : undefined;
  primary.profileKeyCommitment = new zkgroup.ProfileKeyCommitment(
    Buffer.from(profile.commitment, 'base64'),
  );
  const versions = server.profiles.get(device.aci) ?? new Map();
  const avatar = profile.avatar && profile.sameAvatar ? versions.get('avatar') : undefined;
  versions.set(profile.version, { ...profile, avatar });
  versions.set('current', profile.version);
  server.profiles.set(device.aci, versions);
}

// Adds the fields that the package leaves out to the answer of GET /v1/profile/{aci}/{version}.
export function profileAnswer(server, entry, pathname, answer) {
  const found = /^\/v1\/profile\/([0-9a-f-]{36})\/([0-9a-f]+)/.exec(pathname);
  if (entry.verb !== 'GET' || found === null || answer.status !== 200) {
    return;
  }
  const versions = server.profiles.get(found[1]);
  if (versions === undefined) {
    return;
  }
  const body = JSON.parse(Buffer.from(answer.body));
  const stored = versions.get(found[2]);
  for (const field of PROFILE_FIELDS) {
    body[field] = stored?.[field] ?? null;
  }
  // An unknown version is answered with empty fields.
  body.name = stored?.name ?? null;
  answer.body = Buffer.from(JSON.stringify(body));
}

function bytesOf(value) {
  if (value === undefined || value === null) {
    return undefined;
  }
  return typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.from(value);
}
