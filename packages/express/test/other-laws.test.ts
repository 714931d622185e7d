import { createServer, IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http'
import { describeHttpAdapter } from '@bff/http-testkit'
import { undiciUpstream } from '@bff/node'
import express5, { type Express } from 'express'
import express4 from 'express4'
import { test } from 'vitest'
import { serve } from './serve.ts'

/** As the README says how to make the requests of an app cheaper. */
function serverWithOwnClasses(app: Express): Server {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  return createServer({ IncomingMessage: AppRequest, ServerResponse: AppResponse }, app as RequestListener)
}

const options = { test, upstream: undiciUpstream }
describeHttpAdapter({ ...options, name: 'Express 4', serve: (bff) => serve(express4, bff) })
describeHttpAdapter({
  ...options,
  name: 'Express 5 with classes of its own',
  serve: (bff) => serve(express5, bff, serverWithOwnClasses),
})
