/** The first `maxBytes` of a body as text; the rest is not waited for. Rejects when the body does. */
export async function readUpTo(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) return '';
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let room = maxBytes;
  try {
    while (room > 0) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value.subarray(0, room));
      room -= value.length;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
