import { decodeBase64Url, encodeBase64Url } from '../../primitives/base64url.js';
import type { JweParts } from '../../protocol/jwe-compact.js';
import { type WebKey, webCrypto } from './web-crypto.js';

/** The one content encryption there is (RFC 7518 section 5.3). */
export const contentEncryption = 'A256GCM';

const utf8 = new TextEncoder();
const ivBytes = 12;
const tagBytes = 16;

/** A key for content. @param bytes 32 of them */
export function contentKey(bytes: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<WebKey> {
  return webCrypto().importKey('raw', bytes, 'AES-GCM', false, [usage]);
}

/** A JWE in compact serialization whose content is encrypted with the key itself (RFC 7516 section 7.1). */
export async function seal(key: WebKey, header: object, plaintext: Uint8Array): Promise<string> {
  const protectedHeader = encodeBase64Url(utf8.encode(JSON.stringify(header)));
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const algorithm = { name: 'AES-GCM', iv, additionalData: utf8.encode(protectedHeader) };
  const sealed = new Uint8Array(await webCrypto().encrypt(algorithm, key, plaintext));
  const [ciphertext, tag] = [sealed.subarray(0, -tagBytes), sealed.subarray(-tagBytes)].map(encodeBase64Url);
  return `${protectedHeader}..${encodeBase64Url(iv)}.${ciphertext ?? ''}.${tag ?? ''}`;
}

/** The plaintext. Undefined: it was not encrypted with this key, or has been changed. */
export async function open(key: WebKey, parts: JweParts): Promise<Uint8Array | undefined> {
  const { header, iv, ciphertext, tag } = parts;
  const text = decodeBase64Url(ciphertext);
  const sealed = new Uint8Array(text.length + tagBytes);
  sealed.set(text);
  sealed.set(decodeBase64Url(tag), text.length);
  const algorithm = { name: 'AES-GCM', iv: decodeBase64Url(iv), additionalData: utf8.encode(header) };
  try {
    return new Uint8Array(await webCrypto().decrypt(algorithm, key, sealed));
  } catch {
    // The tag is wrong; why is nothing that anybody may learn.
    return undefined;
  }
}
