import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** How clients write the type of JSON; whoever writes it otherwise is understood too, by the parser behind. */
const JSON_TYPES: ReadonlySet<string | undefined> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
  'application/json; charset=UTF-8',
  'application/json;charset=UTF-8',
]);

const BYTE_ORDER_MARK = 0xfeff;

/**
 * Gives each request with a JSON body its `body`, of at most so many bytes. It may be any JSON value: that it is an
 * object is the validation's to say.
 */
export function readJsonBodies(app: NestExpressApplication, limitBytes: number): void {
  app.use(readPlainJson(limitBytes));
  app.useBodyParser('json', { limit: limitBytes, strict: false });
}

/**
 * Reads the bodies that nearly all callers send: JSON in UTF-8, uncompressed, of a length that is announced and within
 * the limit. All others are left to Express' parser, which stands behind and passes over what has been read.
 *
 * That parser is made for every encoding and charset; on a plain body it spends a twentieth of all that accepting an
 * order costs. What it makes of such a body, valid or not, is what comes out here; only a byte order mark with nothing
 * behind it, of which it makes an empty object, is no JSON.
 */
function readPlainJson(limitBytes: number): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    if (!isPlain(request, limitBytes)) {
      next();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A body that breaks off has no end, and nobody left to answer.
    request.on('end', () => {
      try {
        request.body = JSON.parse(textOf(chunks)) as unknown;
      } catch (error) {
        next(Object.assign(error as SyntaxError, { status: 400, type: 'entity.parse.failed' }));
        return;
      }
      next();
    });
  };
}

function isPlain({ headers }: Request, limitBytes: number): boolean {
  const length = Number(headers['content-length']);
  return (
    length > 0 &&
    length <= limitBytes &&
    JSON_TYPES.has(headers['content-type']) &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined
  );
}

function textOf(chunks: readonly Buffer[]): string {
  const text = Buffer.concat(chunks).toString();
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}
