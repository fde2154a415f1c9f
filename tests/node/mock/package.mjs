// The mock server's package: its public API and the inner modules that the harness extends.
import { createRequire } from 'node:module';

const here = createRequire(import.meta.url);
const inside = createRequire(here.resolve('@signalapp/mock-server'));

export const mock = here('@signalapp/mock-server');
export const { Proto } = mock;
export const { Connection } = here('@signalapp/mock-server/src/server/ws');
export const { Router } = here('@signalapp/mock-server/src/server/ws/router');
export const { parseAuthHeader, PromiseQueue, generateRegistrationId } = here(
  '@signalapp/mock-server/src/util.js',
);
export const {
  encryptAttachment,
  deriveAccessKey,
  encryptProfileName,
  decryptStorageManifest,
  encryptStorageManifest,
  deriveMasterKey,
  deriveStorageItemKey,
  deriveStorageKey,
} = here('@signalapp/mock-server/src/crypto.js');
export const { serializeContacts } = here('@signalapp/mock-server/src/data/contacts.js');
export const { attachmentToPointer } = here('@signalapp/mock-server/src/data/attachment.js');
export const { SessionStore } = here('@signalapp/mock-server/src/api/primary-device.js');

// Objects of libsignal cannot be mixed between versions, so this is the version that the package nests.
export const lib = inside('@signalapp/libsignal-client');
export const { AccountEntropyPool } = inside('@signalapp/libsignal-client/dist/AccountKeys');
export const zkgroup = inside('@signalapp/libsignal-client/zkgroup');
export const { WebSocketServer } = inside('ws');
export const MultiRecipientMessage = inside(
  '@signalapp/libsignal-client/dist/SealedSenderMultiRecipientMessage.js',
).default;
