import type { Channel, Platform } from './platform.ts'

/** The other tabs of this browser. */
export interface Tabs {
  /** Sends a message, also while this tab has no listeners. */
  tell(message: object): void
  open(): void
  close(): void
}

export interface TabsOptions {
  readonly platform: Platform
  readonly name: string
  readonly onMessage: (message: object) => void
}

export function createTabs({ platform, name, onMessage }: TabsOptions): Tabs {
  let channel: Channel | null = null
  const connect = () =>
    platform.openChannel(name, (message) => {
      if (message instanceof Object) onMessage(message)
    })

  return {
    tell: (message) => {
      const used = channel ?? connect()
      used?.post(message)
      if (used !== channel) used?.close()
    },
    open: () => {
      channel ??= connect()
    },
    close: () => {
      channel?.close()
      channel = null
    },
  }
}
