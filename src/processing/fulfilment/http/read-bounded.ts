/**
 * Reads the beginning of a stream. What comes after the limit is never read: the stream is destroyed, and its
 * connection closed.
 *
 * @param limit bytes
 * @throws what the stream throws before the limit is reached
 */
export async function readBounded(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}
