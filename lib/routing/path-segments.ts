/** The form in which paths of gateways are kept, as Nest's own `normalizePath` has it: one slash in front, none behind, none doubled. */
export function normalizePath(path: string | undefined): string {
  return `/${(path ?? '').split('/').filter(Boolean).join('/')}`;
}

/** The path of a request without slashes at its end: clients add them, and mean nothing by it. */
export function trimEnd(pathname: string): string {
  let end = pathname.length;
  while (end > 1 && pathname.charAt(end - 1) === '/') end--;
  return pathname.slice(0, end);
}

/** Segments of a path, percent-decoded one by one, so that `%2F` divides nothing. Undefined: an encoding is broken. */
export function decodeSegments(pathname: string): string[] | undefined {
  if (!pathname.startsWith('/')) return undefined;
  const path = trimEnd(pathname);
  if (path === '/') return [];
  try {
    return path.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
