/**
 * Whether a request target is in origin-form (RFC 9112 §3.2.1): a path of printable ASCII that no parser could take
 * for a host. Absolute-form, authority-form, `*`, `//host`, `/\host` and fragments are not (PRX-02).
 */
export function isOriginForm(target: string): boolean {
  return /^\/(?![/\\])[!"$-~]*$/.test(target)
}
