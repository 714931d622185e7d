import { afterEach, beforeEach } from 'vitest'
import { type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'

/** A provider of its own for each test of the file that imports this. */
export let scripted: ScriptedProvider

beforeEach(async () => {
  scripted = await scriptedProvider()
})
afterEach(() => scripted.close())
