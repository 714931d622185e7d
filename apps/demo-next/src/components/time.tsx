'use client'

import { useSyncExternalStore } from 'react'

const FORMATS = {
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  moment: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short', year: 'numeric' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

export type Precision = keyof typeof FORMATS

export const formatTime = (ms: number, precision: Precision) =>
  new Intl.DateTimeFormat(undefined, FORMATS[precision]).format(ms)

const never = () => () => {}

/** A time in the reader's own words and zone, which only their browser knows. */
export function Time({ ms, as }: { ms: number; as: Precision }) {
  const text = useSyncExternalStore(
    never,
    () => formatTime(ms, as),
    () => '',
  )
  return <time dateTime={new Date(ms).toISOString()}>{text}</time>
}
