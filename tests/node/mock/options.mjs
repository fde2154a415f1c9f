// Switches of the harness. "production" ones restore what Signal-Server does and the package does not.
export const DEFAULTS = Object.freeze({
  // Messages stay queued until answered with 2xx; at most 256 in flight, in order; GUID and server time.
  reliableQueue: true,
  // Messages to device 1 of an account that a client registered are delivered, not thrown away.
  primaryDelivery: true,
  // The access key and profile of an account that a client registered are kept and served.
  captureAccount: true,
  // A missing or empty list in PUT /v2/keys leaves the stored one-time keys alone; bad signatures are 422.
  checkKeys: true,
  // A bad login is answered 403 on upgrade (the package accepts and closes with 3000).
  authMode: 'production',
  // X-Signal-Disable-Messages: true neither reads messages nor displaces the reader.
  honourDisableMessages: true,
  // A message that a mock primary cannot decrypt is answered 500 with libsignal's reason ("accept": 200).
  decryptFailures: 'reject',
  // Delivery receipts of type 5 after the acknowledgement of an unsealed message.
  serverReceipts: false,
  // Endpoints that the package lacks (extras.mjs), and chat requests as plain HTTPS.
  extras: true,
  // 3, 2 or "alternate": which CDN an upload form names.
  attachmentCdn: 3,
  // Largest ciphertext that an upload form is given for.
  maxAttachmentBytes: 100 * 1024 * 1024,
});

export function checkOptions(changes) {
  for (const name of Object.keys(changes)) {
    if (!(name in DEFAULTS)) {
      throw new Error(`unknown option ${name}`);
    }
  }
  return changes;
}
