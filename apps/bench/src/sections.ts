import type { Programs } from './comparisons.ts'
import { growth } from './growth/growth.ts'
import { refreshAcrossProcesses } from './refresh.ts'
import type { Report } from './results.ts'
import type { Settings } from './settings.ts'
import { signOutEverywhere } from './sign-out-everywhere.ts'
import { startAndSize } from './size/size.ts'

/** A part of the benchmark that compares no servers request by request. */
export interface Section {
  readonly name: string
  readonly isLong: boolean
  run(programs: Programs, settings: Settings): Promise<Report[]>
}

export const SECTIONS: readonly Section[] = [
  { name: 'refresh of an expired token over four processes', isLong: false, run: refreshAcrossProcesses },
  { name: 'sign out everywhere', isLong: false, run: signOutEverywhere },
  { name: 'growth', isLong: true, run: growth },
  { name: 'start and size', isLong: true, run: startAndSize },
]
