import { type WebSocket, WebSocketServer } from 'ws'
import { soon } from '../soon.ts'
import type { EchoApi } from '../world/api.ts'

/** Lets the API take WebSockets, and echo unless `onOpen` does something else; its end of the latest one. */
export function takeWebSockets(
  api: EchoApi,
  onOpen: (socket: WebSocket) => void = echo,
): () => Promise<WebSocket> {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered].at(-1) ?? false,
  })
  let opened: (socket: WebSocket) => void = () => {}
  let latest = new Promise<WebSocket>((resolve) => {
    opened = resolve
  })
  api.upgrade = (req, socket, head) => {
    server.handleUpgrade(req, socket, head, (webSocket) => {
      webSocket.on('error', () => {})
      onOpen(webSocket)
      opened(webSocket)
      latest = Promise.resolve(webSocket)
    })
  }
  return () => soon('the WebSocket at the API', latest)
}

function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
}
