import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

/** What `meta.encoding` says, by the names that HTTP has for it (RFC 9110 section 8.4.1; RFC 7932, RFC 8878). */
export type EncodingName = 'gzip' | 'deflate' | 'br' | 'zstd';

/** Compresses and inflates. What inflates to more than the limit fails with {@link isTooLong}; other failures are the bytes' fault. */
export interface ContentEncoding {
  readonly name: EncodingName;
  compress(bytes: Uint8Array, level: number | undefined): Buffer;
  compressLater(bytes: Uint8Array, level: number | undefined): Promise<Buffer>;
  inflate(bytes: Uint8Array, most: number): Buffer;
  inflateLater(bytes: Uint8Array, most: number): Promise<Buffer>;
}

interface ZlibOptions {
  readonly level?: number;
  readonly maxOutputLength?: number;
  readonly params?: Record<number, number>;
}
type Sync = (bytes: Uint8Array, options: ZlibOptions) => Buffer;
type Later = (
  bytes: Uint8Array,
  options: ZlibOptions,
  done: (error: Error | null, result: Buffer) => void,
) => void;

/** Levels that are quick enough for messages: the higher ones save a few per cent for many times the work. */
const defaultLevels: Readonly<Record<EncodingName, number>> = { gzip: 6, deflate: 6, br: 4, zstd: 3 };

/** Highest levels. */
export const highestLevels: Readonly<Record<EncodingName, number>> = {
  gzip: 9,
  deflate: 9,
  br: 11,
  zstd: 19,
};

/** A window takes at most 2^23 bytes of memory, whatever a frame asks for: what RFC 8878 section 3.1.1.1.2 tells decoders to take. */
const zstdWindowLog = 23;

/** Node has Zstandard since 22.15 and 23.8; the types of older ones do not know it. */
const runtime = zlib as unknown as Readonly<Record<string, unknown>> & {
  readonly constants: Readonly<Record<string, number>>;
};

const parameter = (name: string, value: number): ZlibOptions => ({
  params: { [runtime.constants[name]!]: value },
});

function encoding(
  name: EncodingName,
  functions: readonly [compress: string, inflate: string],
  compressing: (level: number) => ZlibOptions,
  inflating: ZlibOptions = {},
): ContentEncoding {
  const [compress, inflate] = functions.map((one) => runtime[`${one}Sync`] as Sync) as [Sync, Sync];
  const [compressLater, inflateLater] = functions.map((one) => promisify(runtime[one] as Later)) as [
    (bytes: Uint8Array, options: ZlibOptions) => Promise<Buffer>,
    (bytes: Uint8Array, options: ZlibOptions) => Promise<Buffer>,
  ];
  const options = (level = defaultLevels[name]): ZlibOptions => compressing(level);
  const bounded = (maxOutputLength: number): ZlibOptions => ({ ...inflating, maxOutputLength });
  return {
    name,
    compress: (bytes, level) => compress(bytes, options(level)),
    compressLater: (bytes, level) => compressLater(bytes, options(level)),
    inflate: (bytes, most) => inflate(bytes, bounded(most)),
    inflateLater: (bytes, most) => inflateLater(bytes, bounded(most)),
  };
}

const gzip = encoding('gzip', ['gzip', 'gunzip'], (level) => ({ level }));
const deflate = encoding('deflate', ['deflate', 'inflate'], (level) => ({ level }));
const brotli = encoding('br', ['brotliCompress', 'brotliDecompress'], (level) =>
  parameter('BROTLI_PARAM_QUALITY', level),
);

const zstd = (): ContentEncoding =>
  encoding(
    'zstd',
    ['zstdCompress', 'zstdDecompress'],
    (level) => parameter('ZSTD_c_compressionLevel', level),
    parameter('ZSTD_d_windowLogMax', zstdWindowLog),
  );

/** What this runtime has, by name. */
export const contentEncodings: ReadonlyMap<string, ContentEncoding> = new Map(
  [gzip, deflate, brotli, ...('zstdCompressSync' in zlib ? [zstd()] : [])].map((one) => [one.name, one]),
);

/** Whether inflating has failed because there was more than the limit. */
export function isTooLong(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_BUFFER_TOO_LARGE';
}
