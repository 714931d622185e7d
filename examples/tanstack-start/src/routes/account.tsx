import { createFileRoute } from '@tanstack/react-router'
import { requireUser } from '../session.functions.ts'

export const Route = createFileRoute('/account')({
  beforeLoad: async ({ location }) => ({ user: await requireUser({ data: location.href }) }),
  component: () => <h1>The account of {Route.useRouteContext().user}</h1>,
})
