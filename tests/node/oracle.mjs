// The official libsignal as an oracle: reads JSON lines on stdin, answers with JSON lines on stdout.
//
// Request: {"id", "calls": [{"body", "args"}]}. Every body is that of an async function with `lib`, `stores`, `chat`,
// `mock`, `state` and the arguments in scope. Answer: {"id", "results": [{"value"} | {"error"}]}.
import { createRequire } from 'node:module';
import * as lib from '@signalapp/libsignal-client';

import * as chat from './chat.mjs';
import { decode, encode } from './json_values.mjs';
import { readLines } from './lines.mjs';
import * as stores from './stores.mjs';

const require = createRequire(import.meta.url);
const AsyncFunction = (async () => {}).constructor;

// Loading the mock server's modules costs about 300 ms, so only the calls that name them pay.
const mock = {
  get crypto() {
    return require('@signalapp/mock-server/src/crypto.js');
  },
  get protos() {
    return require('@signalapp/mock-server/protos/compiled.js');
  },
  require: (name) => require(`@signalapp/mock-server/${name}`),
};

const state = {};
const functions = new Map();

function functionFor(names, body) {
  const key = `${names.join(',')}\n${body}`;
  let found = functions.get(key);
  if (found === undefined) {
    found = new AsyncFunction('lib', 'stores', 'chat', 'mock', 'state', 'log', ...names, body);
    functions.set(key, found);
  }
  return found;
}

// `log("Info")` sends libsignal's own log to stderr, which the Python side shows when node fails.
function log(level) {
  lib.initLogger(lib.LogLevel[level], (_level, target, _file, _line, message) => {
    process.stderr.write(`${target}: ${message}\n`);
  });
}

async function run({ body, args }) {
  try {
    const names = Object.keys(args);
    const values = names.map((name) => decode(args[name]));
    const value = await functionFor(names, body)(lib, stores, chat, mock, state, log, ...values);
    return { value: encode(value) };
  } catch (error) {
    return {
      error: {
        name: error?.name ?? 'Error',
        message: String(error?.message ?? error),
        code: error?.code ?? null,
        operation: error?.operation ?? null,
        stack: String(error?.stack ?? ''),
      },
    };
  }
}

process.stdout.write(`${JSON.stringify({ ready: process.versions.node })}\n`);

for await (const line of readLines(process.stdin)) {
  const { id, calls } = JSON.parse(line);
  const results = [];
  for (const call of calls) {
    results.push(await run(call));
  }
  process.stdout.write(`${JSON.stringify({ id, results })}\n`);
}
