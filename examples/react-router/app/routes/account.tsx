import { type LoaderFunctionArgs, useLoaderData } from 'react-router'
import { requireSession } from '../bff.server.ts'

/** Sends a visitor who is not signed in to sign in and back. */
export const loader = async (args: LoaderFunctionArgs) => ({ user: (await requireSession(args)).userId })

export default function Account() {
  return <h1>The account of {useLoaderData<typeof loader>().user}</h1>
}
