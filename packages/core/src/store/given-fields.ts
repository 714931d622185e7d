import type { SessionPatch } from '../contracts/session.ts'

/** A patch without keys that are there but undefined: those, too, leave the field alone (SS-07). */
export function givenFields(patch: SessionPatch): SessionPatch {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(given), updatedAt: patch.updatedAt }
}
