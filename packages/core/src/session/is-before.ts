/**
 * Whether a time of a record is still to come, or is now. A store may hand out anything: what is no number is over.
 * Infinity is a number, and never over.
 */
export function isBefore(now: number, end: number): boolean {
  return typeof end === 'number' && now <= end
}
