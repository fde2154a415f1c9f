// jq as a command: the program itself, compiled to WebAssembly. It takes one value a line, as sigcli prints them.
import jq from 'jq-wasm';
import { readLines } from './lines.mjs';

const words = process.argv.slice(2);
const filter = words.find((word) => !word.startsWith('-'));
const flags = words.filter((word) => word.startsWith('-'));
for await (const line of readLines(process.stdin)) {
  try {
    const printed = await jq.raw(line, filter, flags);
    if (printed !== '') process.stdout.write(printed.endsWith('\n') ? printed : `${printed}\n`);
  } catch (error) {
    process.stderr.write(`jq: ${error.message}\n`);
    process.exitCode = 5;
  }
}
