import { required } from './flags.ts'

/**
 * The encryption keys of the app, newest first. They come by the environment, as in the app: a process list shows arguments.
 *
 * @throws WrongArguments without them
 */
export function keysOfEnvironment(): readonly string[] {
  return required(process.env['BFF_ENCRYPTION_KEYS'], 'The environment variable BFF_ENCRYPTION_KEYS').split(
    ',',
  )
}
