import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { Interaction } from 'oidc-provider'
import type { Accounts } from './accounts.ts'
import { ACR_VALUES } from './configuration.ts'
import { errorPage, type Page, signInPage } from './pages.ts'
import { errors } from './provider-library.ts'

const MAX_FORM_BYTES = 8_192
const PATH = /^\/interaction\/[\w-]+$/

export const isInteractionPath = (path: string): boolean => PATH.test(path)

/** Shows the sign-in page, takes its form, and hands the answer back to the provider. */
export async function handleInteraction(
  provider: Provider,
  accounts: Accounts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response).catch((error: unknown) => {
    if (error instanceof errors.SessionNotFound) return null
    throw error
  })
  if (interaction === null) {
    send(response, 400, errorPage('This sign-in has expired, or was begun in another browser.'))
    return
  }
  if (interaction.prompt.name === 'consent') {
    await provider.interactionFinished(request, response, { consent: {} })
    return
  }
  if (request.method === 'GET') {
    const hint = interaction.params['login_hint']
    await showForm(provider, accounts, interaction, response, typeof hint === 'string' ? hint : '', null)
    return
  }
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'GET, POST')
    send(response, 405, errorPage('This page is opened with GET and sent with POST.'))
    return
  }
  const form = await readForm(request)
  if (form === null) {
    send(response, 413, errorPage('This form is larger than a user name and a password.'))
    return
  }
  const login = form.get('login') ?? ''
  const accountId = accounts.findUserName(login)
  if (accountId === null) {
    const problem = `Nobody here is called “${login.trim()}”. Try ${accounts.userNames.join(' or ')}.`
    await showForm(provider, accounts, interaction, response, login, problem)
    return
  }
  const asked = String(interaction.params['acr_values'] ?? '').split(' ')
  const acr = ACR_VALUES.find((value) => asked.includes(value)) ?? ACR_VALUES[0]
  await provider.interactionFinished(request, response, { login: { accountId, acr } })
}

async function showForm(
  provider: Provider,
  accounts: Accounts,
  interaction: Interaction,
  response: ServerResponse,
  login: string,
  problem: string | null,
): Promise<void> {
  const client = await provider.Client.find(String(interaction.params['client_id']))
  const page = signInPage({
    action: `/interaction/${interaction.uid}`,
    clientName: client?.clientName ?? 'the app',
    login,
    problem,
    userNames: accounts.userNames,
  })
  send(response, problem === null ? 200 : 422, page)
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue
    size += chunk.length
    if (size > MAX_FORM_BYTES) return null
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

function send(response: ServerResponse, status: number, page: Page): void {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': page.contentSecurityPolicy,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(page.html)
}
