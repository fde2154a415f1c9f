// Lines of a stream. node:readline is avoided: it may drop lines between two `for await` turns.
export async function* readLines(stream) {
  stream.setEncoding('utf8');
  let parts = [];
  for await (const chunk of stream) {
    let start = 0;
    let end;
    while ((end = chunk.indexOf('\n', start)) !== -1) {
      parts.push(chunk.slice(start, end));
      const line = parts.join('');
      parts = [];
      start = end + 1;
      if (line !== '') {
        yield line;
      }
    }
    parts.push(chunk.slice(start));
  }
}
