/** The parameters of this process: the benchmark passes them as JSON in the first argument. */
export const task = JSON.parse(process.argv[2] ?? '{}');

/** Sends a message to the benchmark. */
export function say(type, values = {}) {
  process.send({ type, ...values });
}

/** Waits for a message of this type from the benchmark. */
export function told(type) {
  return new Promise((resolve) => {
    process.on('message', function listen(message) {
      if (message.type !== type) return;
      process.off('message', listen);
      resolve(message);
    });
  });
}

/** Fills the queue, processes it on the message `work`, and reports `filled` and `done`. */
export async function drainInTwoSteps(fill, work, done) {
  await fill();
  say('filled');
  await told('work');
  await work();
  await done;
  say('done');
}
