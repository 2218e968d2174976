// A receiver for FULFILMENT=http, as small as one can be that is safe with money: it knows who is asking, and does
// the work on an order once, however often it is asked to.
//
//   PORT               9000 unless set; 0 takes a free port
//   FULFILMENT_SECRET  whsec_ and base64, the same as the service's; unset: signatures are not checked
//   FAIL_RATE          share of calls, 0 to 1, that are answered with 503
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** An order of a hundred items takes about one kilobyte. */
const MAX_BODY_BYTES = 65_536;

/** Keys whose answers are remembered, the oldest is forgotten first. Real receivers keep them in their database. */
const MAX_KEYS = 100_000;

const { PORT, FULFILMENT_SECRET, FAIL_RATE } = process.env;
const failRate = Number(FAIL_RATE || 0);
if (!(failRate >= 0 && failRate <= 1)) throw new Error('FAIL_RATE takes a number from 0 to 1');
const webhook = FULFILMENT_SECRET ? new Webhook(FULFILMENT_SECRET) : undefined;

/** The first answer to each key, and a hash of the body that came with it. */
const answers = new Map();

const server = createServer((request, response) => {
  handle(request).then(
    ({ status, headers, ...rest }) => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      response.end(JSON.stringify(rest));
    },
    (error) => response.destroy(error),
  );
});

async function handle(request) {
  if (request.method !== 'POST')
    return { status: 405, error: 'POST an order', headers: { Allow: 'POST' } };
  const body = await readBody(request);
  // The rest of the body would be taken for the next request.
  if (body === undefined)
    return { status: 413, error: 'too large', headers: { Connection: 'close' } };
  if (!isSigned(body, request.headers)) return { status: 401, error: 'the signature does not fit' };
  const key = request.headers['idempotency-key'];
  if (!key) return { status: 400, error: 'the header Idempotency-Key is missing' };
  if (Math.random() < failRate) {
    return { status: 503, error: 'try again', headers: { 'Retry-After': '1' } };
  }
  return answerOnce(key, body);
}

/** From here to the remembered answer nothing is awaited, so no second call with the key comes in between. */
function answerOnce(key, body) {
  const hash = createHash('sha256').update(body).digest('hex');
  const first = answers.get(key);
  if (first) {
    if (first.hash !== hash) return { status: 422, error: 'this key came with another body' };
    console.log(`order ${first.answer.order_id}: asked again, answered as before`);
    return first.answer;
  }
  const order = parse(body);
  if (!order) return { status: 422, error: 'the body is not an order' };
  const answer = fulfil(order);
  answers.set(key, { hash, answer });
  if (answers.size > MAX_KEYS) answers.delete(answers.keys().next().value);
  return answer;
}

/** The effect; a real receiver would do it and remember the answer in one transaction. */
function fulfil({ order_id, user_id, item_ids, total_amount }) {
  const items = item_ids.length === 1 ? '1 item' : `${item_ids.length} items`;
  console.log(
    `order ${order_id}: ${items} for user ${user_id}, ${total_amount.toFixed(2)} in all, on its way`,
  );
  return { status: 200, order_id, fulfilled: true };
}

function isSigned(body, headers) {
  if (!webhook) return true;
  try {
    webhook.verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

function parse(body) {
  try {
    const order = JSON.parse(body);
    const { order_id, user_id, item_ids, total_amount } = order;
    const fits =
      Number.isInteger(order_id) &&
      Number.isInteger(user_id) &&
      Array.isArray(item_ids) &&
      typeof total_amount === 'number';
    return fits ? order : undefined;
  } catch {
    return undefined;
  }
}

/** The body as text; undefined when it is too large. */
async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

server.listen(Number(PORT || 9000), '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}/orders`;
  // By its name only: a terminal's history is no place for a secret.
  const secret = webhook ? 'FULFILMENT_SECRET="$FULFILMENT_SECRET" ' : '';
  console.log(`
  Orders are fulfilled at ${url}${webhook ? '' : ' (signatures are not checked: FULFILMENT_SECRET is not set)'}
  Start the service against it in another terminal:

    FULFILMENT=http FULFILMENT_URL=${url} ${secret}npm start
`);
});
