/** One file of a bundle. */
export interface Chunk {
  readonly fileName: string;
  readonly code: string;
}

export declare function bundle(
  source: string,
  options?: { readonly format?: 'es' | 'iife'; readonly name?: string; readonly from?: string },
): Promise<Chunk[]>;
