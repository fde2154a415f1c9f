// Everything that is not a websocket: log and faults for the package's HTTP handlers, and chat requests as REST.
import { EventEmitter } from 'node:events';

import { HarnessConnection } from './connection.mjs';
import { delay, faultBody } from './faults.mjs';

const CHAT_PATH = /^\/v[1-4]\//;
const LOGIN_IN_REQUEST = new Set(['PUT /v1/devices/link', 'POST /v1/registration']);

export function interceptHttp(server) {
  // As every production server does: without it each connection's first answer waits for a delayed acknowledgement.
  server.https.on('secureConnection', (socket) => socket.setNoDelay(true));
  const [packageHandler] = server.https.listeners('request');
  server.https.removeListener('request', packageHandler);
  server.https.on('request', (req, res) => {
    handle(server, packageHandler, req, res).catch((error) => {
      console.error('http error', error.stack);
      if (!res.headersSent) {
        res.writeHead(500);
      }
      res.end();
    });
  });
}

async function handle(server, packageHandler, req, res) {
  const isChat = server.options.extras && CHAT_PATH.test(req.url);
  if (isChat) {
    await handleChat(server, req, res);
    return;
  }
  const entry = {
    transport: 'http',
    connection: null,
    verb: req.method,
    path: req.url,
    headers: { ...req.headers },
    body: null,
    authenticated: req.headers.authorization !== undefined,
    aci: null,
    deviceId: null,
    status: null,
  };
  const fault = server.faults.take(entry);
  res.once('close', () => {
    entry.status = fault?.action === 'cut' ? 'cut' : res.statusCode;
    server.log.addRequest(entry);
  });
  switch (fault?.action) {
    case 'cut':
      req.socket.destroy();
      return;
    case 'ignore':
      return;
    case 'respond': {
      const { body, contentType } = faultBody(fault);
      req.resume();
      res.writeHead(fault.status, {
        ...(contentType === null ? {} : { 'Content-Type': contentType }),
        'Content-Length': body.length,
        ...fault.headers,
      });
      res.end(body);
      return;
    }
    case 'delay':
      await delay(fault.delayMs);
      break;
    case 'cutAfter':
      res.writeHead = () => res;
      res.write = () => true;
      res.end = () => req.socket.destroy();
      break;
    case 'partial':
      breakUpload(req, fault.bytes);
      break;
    default:
  }
  if (!server.uploads.handle(req, res, fault)) {
    packageHandler(req, res);
  }
}

// Breaks the connection once that many bytes of the body have been handed on.
function breakUpload(req, bytes) {
  if (req.method === 'GET') {
    return;
  }
  const push = req.push.bind(req);
  let seen = 0;
  req.push = (chunk, encoding) => {
    if (chunk === null) {
      return push(chunk, encoding);
    }
    const room = Math.max(0, bytes - seen);
    seen += chunk.length;
    const more = push(chunk.subarray(0, room), encoding);
    if (seen >= bytes) {
      setImmediate(() => req.socket.destroy());
    }
    return more;
  };
}

class NoSocket extends EventEmitter {
  constructor(req) {
    super();
    this.req = req;
  }

  send() {}

  close() {}

  terminate() {
    this.req.socket.destroy();
  }
}

async function handleChat(server, req, res) {
  const { authorization, ...rest } = req.headers;
  const pathname = req.url.split('?', 1)[0];
  const loginInside = LOGIN_IN_REQUEST.has(`${req.method} ${pathname}`);
  const { device, refused } = await HarnessConnection.loginOf(
    server,
    loginInside ? undefined : authorization,
  );
  const chunks = [];
  for await (const chunk of req) {
    chunks.push(chunk);
  }
  if (refused) {
    res.writeHead(401, { 'Content-Length': 0 }).end();
    return;
  }
  const connection = new HarnessConnection(req, new NoSocket(req), server, 'http');
  connection.device = device;
  connection.router.setIsAuthenticated(device !== undefined);
  const forwarded = Object.entries(loginInside ? { ...rest, authorization } : rest);
  let answer;
  try {
    answer = await connection.handleRequest({
      verb: req.method,
      path: req.url,
      body: chunks.length === 0 ? null : Buffer.concat(chunks),
      headers: forwarded
        .filter(([name, value]) => !name.startsWith(':') && typeof value === 'string')
        .map(([name, value]) => `${name}:${value}`),
      id: 0n,
    });
  } catch (error) {
    console.error('handleRequest error', error.stack);
    answer = { status: 500, headers: [], body: Buffer.from(JSON.stringify({ error: error.stack })) };
  }
  for (const line of answer.headers ?? []) {
    const colon = line.indexOf(':');
    res.setHeader(line.slice(0, colon), line.slice(colon + 1));
  }
  const body = answer.body ?? Buffer.alloc(0);
  if (answer.status !== 204 && answer.status !== 304) {
    res.setHeader('Content-Length', body.length);
  }
  res.writeHead(answer.status);
  res.end(req.method === 'HEAD' ? undefined : body);
}
