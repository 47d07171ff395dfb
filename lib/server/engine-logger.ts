/** Where an engine writes; Nest's `Logger` fits. */
export interface EngineLogger {
  log(message: string): void;
  warn(message: string): void;
  error(message: unknown, ...rest: unknown[]): void;
  debug?(message: string): void;
}
