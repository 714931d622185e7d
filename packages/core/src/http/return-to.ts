/**
 * Whether `path` is a place on this origin and nothing else (BFF-22): it starts with one slash, and holds no
 * backslash, control character or white space that a browser would read as something else.
 */
export function isLocalPath(path: string): boolean {
  return path.length <= 2048 && /^\/(?![/\\])[^\\\p{Cc}\s]*$/u.test(path)
}
