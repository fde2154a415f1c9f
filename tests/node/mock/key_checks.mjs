// Prekey signatures, which Signal-Server checks (422) and the package does not.
import { lib } from './package.mjs';

// The reason to refuse the request, or null.
export async function checkedKeys(server, device, entry, pathname) {
  const what = `${entry.verb} ${pathname}`;
  if (entry.body === null) {
    return null;
  }
  if (what === 'PUT /v2/keys' && device !== undefined) {
    const kind = /[?&]identity=pni\b/i.test(entry.path) ? 'PNI' : 'ACI';
    const identity = await identityOf(server, device.aci, kind);
    const { signedPreKey, pqLastResortPreKey, pqPreKeys } = JSON.parse(entry.body);
    return invalid(identity, [signedPreKey, pqLastResortPreKey, ...(pqPreKeys ?? [])]);
  }
  if (what === 'PUT /v1/devices/link') {
    const aci = aciOfLogin(entry.headers.authorization);
    const body = JSON.parse(entry.body);
    return (
      invalid(await identityOf(server, aci, 'ACI'), [
        body.aciSignedPreKey,
        body.aciPqLastResortPreKey,
      ]) ??
      invalid(await identityOf(server, aci, 'PNI'), [
        body.pniSignedPreKey,
        body.pniPqLastResortPreKey,
      ])
    );
  }
  if (what === 'POST /v1/registration') {
    const body = JSON.parse(entry.body);
    return (
      invalid(publicKey(body.aciIdentityKey), [
        body.aciSignedPreKey,
        body.aciPqLastResortPreKey,
      ]) ??
      invalid(publicKey(body.pniIdentityKey), [body.pniSignedPreKey, body.pniPqLastResortPreKey])
    );
  }
  return null;
}

async function identityOf(server, aci, kind) {
  const primary = await server.getDeviceByServiceId(aci);
  try {
    return await primary?.getIdentityKey(kind);
  } catch {
    return undefined;
  }
}

function aciOfLogin(header) {
  const decoded = Buffer.from((header ?? '').replace(/^Basic\s+/i, ''), 'base64').toString();
  return decoded.split(':', 1)[0].split('.', 1)[0];
}

function publicKey(encoded) {
  return encoded ? lib.PublicKey.deserialize(Buffer.from(encoded, 'base64')) : undefined;
}

function invalid(identity, keys) {
  if (identity === undefined) {
    return null;
  }
  for (const key of keys) {
    if (key === undefined || key === null) {
      continue;
    }
    const message = Buffer.from(key.publicKey, 'base64');
    if (!identity.verify(message, Buffer.from(key.signature, 'base64'))) {
      return `invalid signature of prekey ${key.keyId}`;
    }
  }
  return null;
}
