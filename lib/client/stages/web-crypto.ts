/** A key as WebCrypto has it: `CryptoKey`, by the name that both browsers and Node know it by. */
export interface WebKey {
  readonly type: string;
  readonly algorithm: { readonly name: string };
  readonly usages: readonly string[];
}

/** An algorithm, as WebCrypto wants it to be described. */
export type WebAlgorithm = string | { readonly name: string; readonly [parameter: string]: unknown };

/** What is used of `crypto.subtle`. Pages have it over https and on localhost only. */
export interface WebCrypto {
  importKey(
    format: 'raw' | 'pkcs8' | 'spki' | 'jwk',
    key: Uint8Array | object,
    algorithm: WebAlgorithm,
    isExtractable: boolean,
    usages: readonly string[],
  ): Promise<WebKey>;
  exportKey(format: 'raw', key: WebKey): Promise<ArrayBuffer>;
  generateKey(
    algorithm: WebAlgorithm,
    isExtractable: boolean,
    usages: readonly string[],
  ): Promise<{ readonly publicKey: WebKey; readonly privateKey: WebKey }>;
  deriveBits(algorithm: WebAlgorithm, key: WebKey, bits: number): Promise<ArrayBuffer>;
  digest(algorithm: string, bytes: Uint8Array): Promise<ArrayBuffer>;
  sign(algorithm: WebAlgorithm, key: WebKey, bytes: Uint8Array): Promise<ArrayBuffer>;
  verify(algorithm: WebAlgorithm, key: WebKey, signature: Uint8Array, bytes: Uint8Array): Promise<boolean>;
  encrypt(algorithm: WebAlgorithm, key: WebKey, bytes: Uint8Array): Promise<ArrayBuffer>;
  decrypt(algorithm: WebAlgorithm, key: WebKey, bytes: Uint8Array): Promise<ArrayBuffer>;
}

/** @throws where there is no WebCrypto: on a page without https */
export function webCrypto(): WebCrypto {
  const { crypto } = globalThis as unknown as { readonly crypto?: { readonly subtle?: WebCrypto } };
  if (crypto?.subtle === undefined)
    throw new Error('there is no WebCrypto here: browsers have it on https: and localhost only');
  return crypto.subtle;
}
