import { required } from './flags.ts'

const VARIABLE = 'The environment variable BFF_ENCRYPTION_KEYS'
const REMEDY = 'Set it to the keys of the app, the newest first, separated by commas.'

/**
 * The encryption keys of the app, newest first. They come by the environment, as in the app: a process list shows arguments.
 *
 * @throws WrongArguments without them
 */
export const keysOfEnvironment = (): readonly string[] =>
  required(process.env['BFF_ENCRYPTION_KEYS'], VARIABLE, REMEDY).split(',')
