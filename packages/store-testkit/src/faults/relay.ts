import type { Socket } from 'node:net'

/** How late answers arrive, in milliseconds. */
export interface Pace {
  readonly delayMs: number
  /** Above zero: one byte at a time, with so many milliseconds between. */
  readonly perByteMs: number
}

export const AT_ONCE: Pace = { delayMs: 0, perByteMs: 0 }

export interface PacedWriter {
  /** Sends in order, each piece at the pace that holds when it comes. */
  write(data: Buffer, pace: Pace): void
  /** Sends at once everything that waits. */
  flush(): void
}

export function pacedWriter(socket: Socket): PacedWriter {
  let waiting: { readonly due: number; readonly data: Buffer }[] = []
  let timer: NodeJS.Timeout | undefined

  const sendDue = () => {
    timer = undefined
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const left = next.due - performance.now()
      if (left > 0) {
        timer = setTimeout(sendDue, left)
        return
      }
      waiting.shift()
      if (socket.writable) socket.write(next.data)
    }
  }
  socket.once('close', () => {
    clearTimeout(timer)
    waiting = []
  })

  return {
    write(data, { delayMs, perByteMs }) {
      const now = performance.now()
      if (perByteMs === 0) waiting.push({ due: now + delayMs, data })
      else {
        let due = Math.max(now, waiting.at(-1)?.due ?? 0)
        for (let at = 0; at < data.length; at += 1) {
          due += perByteMs
          waiting.push({ due, data: data.subarray(at, at + 1) })
        }
      }
      if (timer === undefined) sendDue()
    },
    flush() {
      clearTimeout(timer)
      waiting = waiting.map(({ data }) => ({ due: 0, data }))
      sendDue()
    },
  }
}
