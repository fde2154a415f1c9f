// The HTTP/1.1 Upgrade door: Signal's clients and servers use it, the package knows HTTP/2 CONNECT only.
import { HarnessConnection } from './connection.mjs';
import { WebSocketServer } from './package.mjs';

const PROVISIONING_PATH = '/v1/websocket/provisioning';
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

export function openDoor(server) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  sockets.on('headers', (lines) => {
    for (const [name, value] of Object.entries(server.wsUpgradeResponseHeaders)) {
      lines.push(`${name}: ${value}`);
    }
  });
  server.https.on('upgrade', (req, socket, head) => {
    socket.on('error', () => socket.destroy());
    accept(server, sockets, req, socket, head).catch((error) => {
      console.error('upgrade error', error.stack);
      socket.destroy();
    });
  });
}

async function accept(server, sockets, req, socket, head) {
  const fault = server.faults.take({
    verb: 'UPGRADE',
    path: req.url,
    authenticated: req.headers.authorization !== undefined,
    transport: 'http',
  });
  if (fault?.action === 'cut') {
    socket.destroy();
    return;
  }
  if (fault !== undefined) {
    refuse(socket, fault.status, fault.headers);
    return;
  }
  const isProvisioning = req.url.startsWith(PROVISIONING_PATH);
  if (!isProvisioning && server.options.authMode === 'production') {
    const { refused } = await HarnessConnection.loginOf(server, req.headers.authorization);
    if (refused) {
      refuse(socket, 403);
      return;
    }
  }
  sockets.handleUpgrade(req, socket, head, (ws) => {
    const connection = new HarnessConnection(req, ws, server);
    server.log.addSocket({
      connection: connection.number,
      path: req.url,
      headers: { ...req.headers },
      aci: null,
      deviceId: null,
      closeCode: null,
    });
    ws.on('error', () => ws.terminate());
    connection.start(ws).catch((error) => {
      if (ws.readyState === ws.OPEN) {
        console.error('websocket error', error.stack);
      }
      ws.close();
    });
  });
}

function refuse(socket, status, headers = {}) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n${lines.join('')}\r\n`,
  );
}
