import { createServer } from 'node:http';

let lastId = 0;

/** Parses JSON and returns JSON, without validation or storage: the processor time that Node itself needs for a request. */
const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => {
    const order = JSON.parse(text);
    lastId += 1;
    const body = JSON.stringify({
      order_id: lastId,
      ...order,
      status: 'PENDING',
      attempt: 0,
      created_at: new Date().toISOString(),
      started_at: null,
      finished_at: null,
      last_error: null,
    });
    response.writeHead(201, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  });
});

server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
