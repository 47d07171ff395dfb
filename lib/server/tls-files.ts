import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { SecureContextOptions, Server } from 'node:tls';
import { type Clock, systemClock, type TimerHandle } from '../primitives/clock.js';
import { durationMs } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import { reloadTls } from './reload-tls.js';

/** Key and certificate as PEM files. Links are followed, so a secret that Kubernetes or certbot replaces is seen. */
export interface TlsFiles {
  readonly keyFile: string;
  /** With the chain. */
  readonly certFile: string;
  /** Who signs certificates of clients. */
  readonly caFile?: string;
  /** How often in milliseconds the files are looked at; `false`: only with `check()`. @default 10_000 */
  readonly checkEveryMs?: number | false;
}

export interface ResolvedTlsFiles {
  readonly paths: Readonly<Partial<Record<'key' | 'cert' | 'ca', string>>>;
  readonly checkEveryMs: number;
}

/** What is told of a look at the files. */
export interface TlsFileWatchOptions {
  readonly clock?: Clock;
  /** A new certificate is in use. */
  readonly reloaded?: () => void;
  /** The files cannot be read, or do not fit each other; the certificate in use stays, and they are looked at again. */
  readonly failed?: (error: unknown) => void;
}

/** @throws {OptionError} */
export function resolveTlsFiles(files: TlsFiles, name: string): ResolvedTlsFiles {
  const { keyFile, certFile, caFile, checkEveryMs = 10_000 } = files;
  const given: Readonly<Record<string, unknown>> = {
    keyFile,
    certFile,
    ...(caFile !== undefined && { caFile }),
  };
  for (const [key, path] of Object.entries(given)) {
    if (typeof path !== 'string' || path === '')
      throw new OptionError(`${name}.${key}`, 'the path of a PEM file', path);
  }
  return {
    paths: { key: keyFile, cert: certFile, ...(caFile !== undefined && { ca: caFile }) },
    checkEveryMs: durationMs(`${name}.checkEveryMs`, checkEveryMs),
  };
}

/** Reads the files as they are now. @throws {Error} of the file system */
export function readTlsFiles({ paths }: ResolvedTlsFiles): SecureContextOptions {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, readFileSync(path)]));
}

/** Gives a TLS server new certificates when its files change. Connections that there are stay; new ones get the new certificate. */
export class TlsFileWatch {
  readonly #server: Pick<Server, 'setSecureContext'>;
  readonly #files: ResolvedTlsFiles;
  readonly #base: SecureContextOptions;
  readonly #options: TlsFileWatchOptions;
  readonly #clock: Clock;
  readonly #timer: TimerHandle;
  #inUse: string;

  /** @param base what of the secure context does not come from the files */
  constructor(
    server: Pick<Server, 'setSecureContext'>,
    files: ResolvedTlsFiles,
    base: SecureContextOptions,
    options: TlsFileWatchOptions = {},
  ) {
    this.#server = server;
    this.#files = files;
    this.#base = base;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#inUse = fingerprint(readTlsFiles(files));
    this.#timer =
      files.checkEveryMs === Infinity
        ? null
        : this.#clock.setInterval(() => void this.check(), files.checkEveryMs);
  }

  /** Looks at the files now. True: they have changed, and the new certificate is in use. Never rejects. */
  async check(): Promise<boolean> {
    try {
      const entries = Object.entries(this.#files.paths).map(
        async ([name, path]) => [name, await readFile(path)] as const,
      );
      const context: SecureContextOptions = Object.fromEntries(await Promise.all(entries));
      const found = fingerprint(context);
      if (found === this.#inUse) return false;
      reloadTls(this.#server, { ...this.#base, ...context });
      this.#inUse = found;
    } catch (error) {
      this.#options.failed?.(error);
      return false;
    }
    this.#options.reloaded?.();
    return true;
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearInterval(this.#timer);
  }
}

/**
 * Keeps the certificate of a server that is not ours up to date with its files: of Nest's own, made with `httpsOptions`.
 * Give `base` what else those options say about the secure context (`ciphers`, `minVersion`): it is set anew as a whole.
 *
 * @throws {OptionError} for a path that is none
 * @throws {Error} of the file system, when the files are not there
 *
 * @example
 * const watch = watchTlsFiles(app.getHttpServer(), { keyFile: 'tls.key', certFile: 'tls.crt' });
 * process.on('SIGHUP', () => void watch.check());
 */
export function watchTlsFiles(
  server: Pick<Server, 'setSecureContext'>,
  files: TlsFiles,
  options: TlsFileWatchOptions & { readonly base?: SecureContextOptions } = {},
): TlsFileWatch {
  return new TlsFileWatch(server, resolveTlsFiles(files, 'watchTlsFiles'), options.base ?? {}, options);
}

function fingerprint(context: SecureContextOptions): string {
  return Object.values(context as Record<string, Buffer>)
    .map((bytes) => bytes.toString('latin1'))
    .join('\n');
}
