/** An option that cannot work: names the option, what was expected and what was given. Thrown at bootstrap. */
export class OptionError extends Error {
  override readonly name = 'OptionError';

  constructor(
    readonly option: string,
    expected: string,
    got: unknown,
  ) {
    super(`gatewire option "${option}": expected ${expected}, got ${describe(got)}`);
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return `function ${value.name}`;
  return String(value);
}
