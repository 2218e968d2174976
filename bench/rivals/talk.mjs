/** What this process was started to do. */
export const task = JSON.parse(process.argv[2] ?? '{}');

/** Tells the benchmark. */
export function say(type, values = {}) {
  process.send({ type, ...values });
}

/** Waits for the benchmark to say so. */
export function told(type) {
  return new Promise((resolve) => {
    process.on('message', function listen(message) {
      if (message.type !== type) return;
      process.off('message', listen);
      resolve(message);
    });
  });
}

/** Fills the queue, works it off when told to, and says when all is done. */
export async function drainInTwoSteps(fill, work, done) {
  await fill();
  say('filled');
  await told('work');
  await work();
  await done;
  say('done');
}
