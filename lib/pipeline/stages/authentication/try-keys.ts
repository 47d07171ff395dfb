/**
 * The result of the first key that fits; undefined when none does. For tokens that do not say which key they are signed
 * with. Throws what is wrong with the token apart from the key.
 */
export async function tryKeys<Key, Result>(
  keys: AsyncIterable<Key>,
  verify: (key: Key) => Promise<Result>,
  isWrongKey: (error: unknown) => boolean,
): Promise<Result | undefined> {
  for await (const key of keys) {
    try {
      return await verify(key);
    } catch (error) {
      if (!isWrongKey(error)) throw error;
    }
  }
  return undefined;
}
