// The mock server as a child process: commands and answers as JSON lines on stdin and stdout, events in between.
// The argument is a directory for what is uploaded to CDN 3.
//
// Command: {"id", "command", "arguments"}. Answer: {"id", "value"} or {"id", "error"}. Event: {"event", …}.
import { enableCompileCache } from 'node:module';

enableCompileCache?.();

const { decode, encode } = await import('../json_values.mjs');
const { readLines } = await import('../lines.mjs');
const { mock } = await import('./package.mjs');
const { HarnessServer } = await import('./server.mjs');
const { interceptHttp } = await import('./http.mjs');
const { openDoor } = await import('./door.mjs');
const { controlCommands } = await import('./control.mjs');
const { groupCommands } = await import('./groups.mjs');
const { linkedCommands } = await import('./linked.mjs');
const { primaryCommands } = await import('./primaries.mjs');
const { sendingCommands } = await import('./sending.mjs');

const COMMANDS = {
  ...controlCommands,
  ...groupCommands,
  ...linkedCommands,
  ...primaryCommands,
  ...sendingCommands,
};
const [, , directory] = process.argv;

function write(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

// A client that refuses a message makes a promise of the package fail that nobody waits for.
process.on('unhandledRejection', (error) => {
  console.error('unhandled rejection', error?.stack ?? error);
});
process.on('SIGTERM', () => process.exit(0));

const server = new HarnessServer({ cdn3Path: directory });
server.events.on('event', (event) => write(encode(event)));
await server.listen(0, '127.0.0.1');
interceptHttp(server);
openDoor(server);

const certificates = await mock.loadCertificates();
const { port } = server.address();
write({
  event: 'ready',
  port,
  url: `https://127.0.0.1:${port}`,
  caPem: certificates.certificateAuthority,
  trustRoots: certificates.serverTrustRoots,
  serverPublicParams: certificates.serverPublicParams,
  genericServerPublicParams: certificates.genericServerPublicParams,
  backupServerPublicParams: certificates.backupServerPublicParams,
});

async function run(id, command, given) {
  try {
    const handler = COMMANDS[command];
    if (handler === undefined) {
      throw new Error(`unknown command ${command}`);
    }
    const value = await handler(server, decode(given));
    write({ id, value: encode(value) });
  } catch (error) {
    write({ id, error: { message: String(error?.message ?? error), stack: error?.stack ?? '' } });
  }
}

// Commands run beside each other: some of them wait for what others cause.
for await (const line of readLines(process.stdin)) {
  const { id, command, arguments: given } = JSON.parse(line);
  void run(id, command, given);
}
process.exit(0);
