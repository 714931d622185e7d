import type { ServedBff } from '@bff/core'
import { describeHttpAdapter, describeWebSocketRelay } from '@bff/http-testkit'
import { undiciUpstream } from '@bff/node'
import express from 'express'
import { test } from 'vitest'
import { serve } from './serve.ts'

const options = {
  name: 'Express 5',
  test,
  upstream: undiciUpstream,
  serve: (bff: ServedBff) => serve(express, bff),
}
describeHttpAdapter(options)
describeWebSocketRelay(options)
