import type { AboutSession } from '@bff/core'
import type { SignalEffect } from './signals.ts'

declare module '@bff/core' {
  interface BffEventMap {
    /** `sessions`: how many were revoked, or marked for a refresh. */
    'signal.received': {
      readonly issuer: string
      readonly signal: string
      readonly effect: SignalEffect
      readonly sessions: number
    }
    'signal.refused': {
      readonly issuer: string
      readonly code: string
      readonly reason: string
      readonly severity: 'warning'
    }
    'signal.failed': {
      readonly issuer: string
      readonly operation: 'receive' | 'poll' | 'stream'
      readonly cause: unknown
      readonly severity: 'warning'
    }
    'signal.stream': {
      readonly issuer: string
      readonly status: 'created' | 'verified' | 'enabled' | 'paused' | 'disabled' | 'deleted'
      readonly reason: string | null
    }
  }

  interface LogoutEventMap {
    signal: AboutSession
  }
}
