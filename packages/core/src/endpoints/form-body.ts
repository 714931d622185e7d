import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import { readForm } from '../internal/http/form.ts'

/**
 * Reads the one value of a form's field `name`.
 *
 * @throws BffError `bad_request` for another content type, more than `maxBytes`, or a name that is missing, empty or
 * repeated; `body_consumed`
 */
export async function readFormValue(request: RequestView, name: string, maxBytes: number): Promise<string> {
  const values = (await readForm(request, maxBytes)).getAll(name)
  const [value] = values
  if (value === undefined || value === '' || values.length > 1)
    throw new BffError('bad_request', `The form must have exactly one ${name}.`)
  return value
}
