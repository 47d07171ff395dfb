import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { OptionError } from '../primitives/option-error.js';
import { replay } from './replay.js';
import type { ReplayOptions } from './replay.options.js';
import { reportText } from './report-text.js';

/** Where a command reads and writes. */
export interface CommandStreams {
  readonly stdin: Readable;
  readonly stdout: Pick<Writable, 'write'>;
  readonly stderr: Pick<Writable, 'write'>;
}

/** How it has ended. */
export const exitCodes = { same: 0, otherwise: 1, unable: 2 } as const;

const usage = `gatewire-replay <recording> <url> [options]

Sends what was recorded to a server, and says what it answers otherwise. "-" reads the recording from the standard input.

  --speed <n|max>        so many times as fast as recorded; max: as fast as it answers (default: 1)
  --connections <n>      of each that was recorded (default: 1)
  --compare <what>       all, answers or none (default: all, where it can be)
  --ignore <path>        where differences do not matter: data.at, **.id, order.*:data.total; again for more
  --ordered              events of one name have to come in the recorded order
  --timeout <ms>         how long something that was recorded is waited for (default: 5000)
  --token <token>        a bearer token for all connections
  --header <name: value> of upgrade requests; again for more
  --max-differences <n>  that are told (default: 100)
  --json                 the whole report, as JSON

Exit code: 0 no difference, 1 differences or failures, 2 it could not be replayed.
`;

/** The command line of {@link replay}. @returns the exit code */
export async function replayCommand(args: readonly string[], streams: CommandStreams): Promise<number> {
  const { stdin, stdout, stderr } = streams;
  try {
    const { values, positionals } = parse(args);
    if (values.help === true) {
      stdout.write(usage);
      return exitCodes.same;
    }
    const [file, url, ...more] = positionals;
    if (file === undefined || url === undefined || more.length > 0)
      throw new Error('a recording and a URL are needed: see --help');
    const report = await replay({ file: file === '-' ? stdin : file, url, ...optionsOf(values) });
    stdout.write(`${values.json === true ? JSON.stringify(report, null, 2) : reportText(report)}\n`);
    return report.isSame ? exitCodes.same : exitCodes.otherwise;
  } catch (error) {
    stderr.write(`gatewire-replay: ${(error as Error).message}\n`);
    return exitCodes.unable;
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      speed: { type: 'string' },
      connections: { type: 'string' },
      compare: { type: 'string' },
      ignore: { type: 'string', multiple: true },
      ordered: { type: 'boolean' },
      timeout: { type: 'string' },
      token: { type: 'string' },
      header: { type: 'string', multiple: true },
      'max-differences': { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function optionsOf(values: ReturnType<typeof parse>['values']): Partial<ReplayOptions> {
  const { speed, connections, compare, ignore, ordered, timeout, token, header } = values;
  const maxDifferences = values['max-differences'];
  return {
    ...(speed !== undefined && { speed: speed === 'max' ? speed : Number(speed) }),
    ...(connections !== undefined && { connections: Number(connections) }),
    ...(compare !== undefined && { compare: compare as NonNullable<ReplayOptions['compare']> }),
    ...(ignore !== undefined && { ignore }),
    ...(ordered !== undefined && { ordered }),
    ...(timeout !== undefined && { timeoutMs: Number(timeout) }),
    ...(token !== undefined && { token }),
    ...(header !== undefined && { headers: Object.fromEntries(header.map(headerOf)) }),
    ...(maxDifferences !== undefined && { maxDifferences: Number(maxDifferences) }),
  };
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new OptionError('header', '"name: value"', text);
  return [text.slice(0, colon), text.slice(colon + 1).trim()];
}
