import { OptionError } from '../../primitives/option-error.js';

/** The first bytes by which kinds of files are known. `.` is any nibble. */
const signatures = {
  png: ['89504e470d0a1a0a'],
  jpeg: ['ffd8ff'],
  gif: ['474946383761', '474946383961'],
  webp: ['52494646........57454250'],
  avif: ['........6674797061766966'],
  bmp: ['424d'],
  pdf: ['255044462d'],
  zip: ['504b0304', '504b0506'],
  gzip: ['1f8b08'],
  zstd: ['28b52ffd'],
  mp4: ['........66747970'],
  webm: ['1a45dfa3'],
  ogg: ['4f676753'],
  wav: ['52494646........57415645'],
  mp3: ['494433', 'fffb', 'fff3', 'fff2'],
  wasm: ['0061736d'],
  elf: ['7f454c46'],
  exe: ['4d5a'],
} as const;

/** Kinds of bytes that are known by name. */
export type KnownKind = keyof typeof signatures;

/** A kind of bytes: one that is known by name, or hexadecimal digits, `.` for any (`ffd8ff`, `52494646........57454250`). */
export type BinaryKind = KnownKind | (string & {});

/** Their names. */
export const magicKinds = Object.keys(signatures) as readonly KnownKind[];

interface Signature {
  readonly bytes: Uint8Array;
  readonly mask: Uint8Array;
}

/** Says whether bytes begin as those of some kinds do. */
export class MagicBytes {
  readonly #signatures: readonly Signature[];

  /** @throws {OptionError} */
  constructor(option: string, kinds: readonly BinaryKind[]) {
    if (kinds.length === 0) throw new OptionError(option, 'one kind of bytes at least', kinds);
    this.#signatures = kinds.flatMap((kind) => {
      const known = Object.hasOwn(signatures, kind) ? signatures[kind as KnownKind] : [kind];
      return known.map((hex) => signatureOf(option, hex));
    });
  }

  matches(bytes: Uint8Array): boolean {
    return this.#signatures.some(({ bytes: expected, mask }) => {
      if (bytes.length < expected.length) return false;
      return expected.every((byte, i) => ((bytes[i] as number) & (mask[i] as number)) === byte);
    });
  }
}

function signatureOf(option: string, hex: string): Signature {
  if (typeof hex !== 'string' || !/^(?:[\da-f.]{2})+$/i.test(hex)) {
    throw new OptionError(option, `one of ${magicKinds.join(', ')}, or pairs of hexadecimal digits`, hex);
  }
  const pairs = hex.match(/../g) as string[];
  return {
    bytes: Uint8Array.from(pairs, (pair) => parseInt(pair.replaceAll('.', '0'), 16)),
    mask: Uint8Array.from(pairs, (pair) => parseInt(pair.replace(/[^.]/g, 'f').replaceAll('.', '0'), 16)),
  };
}
