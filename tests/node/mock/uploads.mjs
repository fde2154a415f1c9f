// Attachment transfer: upload forms for CDN 3 (TUS) and CDN 2 (a resumable object store like Google's), and downloads
// with Range for both. The package has a TUS server too, but one that cannot resume: it looks for the upload under the
// last segment of its path only.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export class Uploads {
  #sessions = new Map();
  #tus = new Map();
  #forms = 0;

  constructor(server) {
    this.server = server;
  }

  get base() {
    return `https://127.0.0.1:${this.server.address().port}`;
  }

  form(uploadLength) {
    const { attachmentCdn, maxAttachmentBytes } = this.server.options;
    if (uploadLength > maxAttachmentBytes) {
      return [413, {}];
    }
    const cdn =
      attachmentCdn === 'alternate' ? (this.#forms++ % 2 === 0 ? 3 : 2) : attachmentCdn;
    const key = randomBytes(15).toString('base64url');
    if (cdn === 3) {
      return [
        200,
        {
          cdn,
          key,
          headers: {
            Authorization: `Bearer ${randomBytes(16).toString('hex')}`,
            'Upload-Metadata': `filename ${Buffer.from(key).toString('base64')}`,
          },
          signedUploadLocation: `${this.base}/cdn3/attachments/${key}`,
        },
      ];
    }
    return [
      200,
      {
        cdn,
        key,
        headers: {
          host: new URL(this.base).host,
          'x-goog-content-length-range': `1,${maxAttachmentBytes}`,
          'x-goog-resumable': 'start',
        },
        signedUploadLocation: `${this.base}/cdn2/upload/${key}`,
      },
    ];
  }

  // True if the request was one of ours and has been taken over.
  handle(req, res, fault) {
    const { pathname } = new URL(req.url, this.base);
    const upload = /^\/cdn2\/upload\/([\w-]+)$/.exec(pathname);
    if (upload !== null && req.method === 'POST') {
      this.#start(req, res, upload[1]);
      return true;
    }
    const session = /^\/cdn2\/session\/([\w-]+)$/.exec(pathname);
    if (session !== null && req.method === 'PUT') {
      this.#put(req, res, session[1]);
      return true;
    }
    const tus = /^\/cdn3\/attachments\/([\w-]+)$/.exec(pathname);
    if (tus !== null && ['POST', 'HEAD', 'PATCH'].includes(req.method)) {
      this.#handleTus(req, res, tus[1]);
      return true;
    }
    const download = /^(\/cdn3)?\/attachments\/([\w%.-]+)$/.exec(pathname);
    if (download !== null && req.method === 'GET') {
      void this.#download(req, res, download[1] !== undefined, download[2], fault);
      return true;
    }
    return false;
  }

  // What lies at a CDN, as uploaded.
  async blob(cdnNumber, key) {
    if (cdnNumber !== 3) {
      return this.server.attachments.get(key);
    }
    try {
      return await readFile(join(this.server.config.cdn3Path, 'attachments', key));
    } catch (error) {
      if (error.code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
  }

  #start(req, res, key) {
    if (req.headers['x-goog-resumable'] !== 'start') {
      res.writeHead(403).end('the headers of the form are missing');
      return;
    }
    const id = randomBytes(12).toString('base64url');
    this.#sessions.set(id, { key, received: Buffer.alloc(0), finished: false });
    req.resume();
    res.writeHead(201, { Location: `${this.base}/cdn2/session/${id}`, 'Content-Length': 0 }).end();
  }

  #put(req, res, id) {
    const session = this.#sessions.get(id);
    if (session === undefined) {
      res.writeHead(404).end();
      return;
    }
    const range = /^bytes (?:\*|(\d+)-(\d+))\/(\d+)$/.exec(req.headers['content-range'] ?? '');
    const total = range === null ? Number(req.headers['content-length']) : Number(range[3]);
    const start = range?.[1] === undefined ? 0 : Number(range[1]);
    const isQuery = range !== null && range[1] === undefined;
    const chunks = [];
    // Bytes count as they arrive, so a broken upload can be resumed where it broke.
    const keep = () => {
      if (!isQuery && !session.finished && start === session.received.length) {
        session.received = Buffer.concat([session.received, ...chunks]);
      }
    };
    req.on('data', (chunk) => chunks.push(chunk));
    req.once('aborted', keep);
    req.once('end', () => {
      keep();
      if (session.received.length < total) {
        const end = session.received.length - 1;
        res.writeHead(308, end >= 0 ? { Range: `bytes=0-${end}` } : {}).end();
        return;
      }
      session.finished = true;
      this.server.attachments.set(session.key, session.received);
      res.writeHead(200, { 'Content-Length': 0 }).end();
    });
  }

  #handleTus(req, res, key) {
    const answer = (status, headers = {}) =>
      res.writeHead(status, { 'Tus-Resumable': '1.0.0', ...headers }).end();
    if (req.headers['tus-resumable'] !== '1.0.0') {
      answer(412);
      return;
    }
    if (req.method === 'POST') {
      const [, filename] = /\bfilename ([\w+/=]+)/.exec(req.headers['upload-metadata']) ?? [];
      const length = Number(req.headers['upload-length']);
      if (req.headers.authorization === undefined) {
        answer(401);
        return;
      }
      if (Buffer.from(filename ?? '', 'base64').toString() !== key || !(length >= 0)) {
        answer(400);
        return;
      }
      this.#tus.set(key, { length, received: Buffer.alloc(0) });
    }
    const upload = this.#tus.get(key);
    if (upload === undefined) {
      answer(404);
      return;
    }
    if (req.method === 'HEAD') {
      answer(200, {
        'Upload-Offset': upload.received.length,
        'Upload-Length': upload.length,
        'Cache-Control': 'no-store',
      });
      return;
    }
    if (req.method === 'PATCH' && Number(req.headers['upload-offset']) !== upload.received.length) {
      answer(409);
      return;
    }
    const chunks = [];
    const keep = async () => {
      upload.received = Buffer.concat([upload.received, ...chunks.splice(0)]);
      if (upload.received.length === upload.length) {
        await this.server.storeAttachmentOnCdn(3, key, upload.received);
      }
    };
    req.on('data', (chunk) => chunks.push(chunk));
    req.once('aborted', () => void keep());
    req.once('end', async () => {
      await keep();
      const headers = { 'Upload-Offset': upload.received.length };
      if (req.method === 'PATCH') {
        answer(204, headers);
      } else {
        answer(201, { ...headers, Location: `${this.base}/cdn3/attachments/${key}` });
      }
    });
  }

  async #download(req, res, isCdn3, key, fault) {
    const blob = await this.blob(isCdn3 ? 3 : 2, decodeURIComponent(key));
    if (blob === undefined) {
      res.writeHead(404).end();
      return;
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(req.headers.range ?? '');
    const start = range === null ? 0 : Number(range[1]);
    const end = range === null || range[2] === '' ? blob.length - 1 : Number(range[2]);
    if (start >= blob.length && blob.length > 0) {
      res.writeHead(416, { 'Content-Range': `bytes */${blob.length}` }).end();
      return;
    }
    const part = Buffer.from(blob).subarray(start, end + 1);
    res.writeHead(range === null ? 200 : 206, {
      'Content-Length': part.length,
      'Content-Type': 'application/octet-stream',
      ...(range === null ? {} : { 'Content-Range': `bytes ${start}-${end}/${blob.length}` }),
    });
    if (fault?.action === 'partial') {
      res.write(part.subarray(0, fault.bytes), () => req.socket.destroy());
      return;
    }
    res.end(part);
  }
}
