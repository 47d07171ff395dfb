/** A message on its way from one end to the other. */
export interface PassingFrame {
  readonly data: string | Buffer;
  readonly isBinary: boolean;
}

/** The close that ends the way. */
export interface PassingClose {
  readonly code: number;
  readonly reason: string;
}

export type Passing = PassingFrame | PassingClose;
