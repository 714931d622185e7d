import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * How the provider can misbehave. `html` is the page of something in between that answers 200 to everything;
 * `hang` takes the request and never answers; `reset` drops the connection.
 */
export type FailureMode = 'none' | '500' | '429' | 'html' | 'hang' | 'reset'
export type FailureScope = 'token' | 'all'

export interface Faults {
  set(mode: FailureMode, scope: FailureScope): void
  /** `true`: the request was mishandled and is done with. */
  intercept(path: string, request: IncomingMessage, response: ServerResponse): boolean
}

export function createFaults(tokenPath: string): Faults {
  let mode: FailureMode = 'none'
  let scope: FailureScope = 'token'
  return {
    set: (newMode, newScope) => {
      mode = newMode
      scope = newScope
    },
    intercept: (path, request, response) => {
      if (mode === 'none' || (scope === 'token' && path !== tokenPath)) return false
      misbehave[mode](request, response)
      return true
    },
  }
}

type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => void

const misbehave: Record<Exclude<FailureMode, 'none'>, Misbehaviour> = {
  '500': (request, response) => {
    answer(request, response, 500, 'application/json', '{"error":"server_error"}')
  },
  '429': (request, response) => {
    response.setHeader('Retry-After', '1')
    answer(request, response, 429, 'application/json', '{"error":"slow_down"}')
  },
  html: (request, response) => {
    answer(request, response, 200, 'text/html; charset=utf-8', '<!doctype html><title>Back soon</title>')
  },
  hang: (request) => {
    request.resume()
  },
  reset: (request) => {
    request.socket.resetAndDestroy()
  },
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
): void {
  request.resume()
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body)
}
