/** One line that says what a value is, the same for a `ws` socket and for a gatewire connection. */
export function describeValue(value: unknown): string {
  if (value === undefined) return '<undefined>';
  if (typeof value === 'function') return '<function>';
  if (Buffer.isBuffer(value)) return `<bytes ${value.toString('hex')}>`;
  if (value instanceof Error) return `<${value.constructor.name} ${value.message}>`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? typeof value;
  if ('readyState' in value && 'send' in value) return '<client>';
  if ('headers' in value && 'url' in value) return `<request ${String(value.url)}>`;
  if ('clients' in value) return '<server>';
  return JSON.stringify(value);
}
