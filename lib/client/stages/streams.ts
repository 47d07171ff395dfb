/** What is used of the streams that browsers and Node have. */
export interface BytesTransform {
  readonly writable: { getWriter(): BytesWriter };
  readonly readable: { getReader(): BytesReader };
}

interface BytesWriter {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

interface BytesReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
  cancel(): Promise<void>;
}

/** Sends bytes through a transform. Undefined: what came out was more than `most`, and no more of it was made. */
export async function through(
  { writable, readable }: BytesTransform,
  bytes: Uint8Array,
  most = Infinity,
): Promise<Uint8Array | undefined> {
  const writer = writable.getWriter();
  const reader = readable.getReader();
  // What fails here fails where it is read.
  writer.write(bytes).catch(() => undefined);
  writer.close().catch(() => undefined);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks, length);
    const chunk = value as Uint8Array;
    length += chunk.length;
    if (length > most) {
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    chunks.push(chunk);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
