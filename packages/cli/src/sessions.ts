import {
  type AnyOwnerFilter,
  type Bff,
  createBff,
  generateEncryptionKey,
  isExpired,
  type SessionFilter,
  type SessionHandle,
  type SessionRecord,
  type Stores,
} from '@bff/core'
import { readFlags, required, storeAddress } from './flags.ts'
import { openStore } from './open-store.ts'
import { CommandFailed, type ExitCode, jsonText, type Output, printable, WrongArguments } from './output.ts'

const FLAGS = {
  store: 'string',
  user: 'string',
  organization: 'string',
  issuer: 'string',
  subject: 'string',
  'provider-session': 'string',
  device: 'string',
  all: 'boolean',
  except: 'string',
  limit: 'string',
  active: 'boolean',
  yes: 'boolean',
  json: 'boolean',
} as const

const FILTERS = [
  'user',
  'organization',
  'issuer',
  'subject',
  'provider-session',
  'device',
  'all',
  'except',
] as const

type Flag = keyof typeof FLAGS

/** A flag that an action does not obey must not look as if it did. */
const ACTIONS: Readonly<Record<string, readonly Flag[]>> = {
  list: [...FILTERS, 'active', 'limit'],
  show: [],
  revoke: [...FILTERS, 'yes', 'limit'],
  'revoke <handle>': ['yes'],
}

/** Lists, shows or revokes sessions of a store. */
export async function sessions(args: readonly string[], output: Output): Promise<ExitCode> {
  const { flags, words } = readFlags(args, FLAGS)
  const [action = '', handle, ...more] = words
  if (more.length > 0) throw new WrongArguments(`${more.join(' ')} is too much.`)
  if (!Object.hasOwn(ACTIONS, action) || (action === 'list' && handle !== undefined))
    throw new WrongArguments('bff sessions can: list, show <handle>, revoke [handle].')
  if (action === 'show') required(handle, 'The handle')
  requireOnly(action === 'revoke' && handle !== undefined ? 'revoke <handle>' : action, flags)
  limitOf(flags)
  if (handle === undefined) filterOf(flags)
  const stores = await openStore(storeAddress(flags.store))
  try {
    if (action === 'show') return await show(stores, required(handle, 'The handle'), flags, output)
    if (action === 'list') return await list(stores, flags, output)
    return await revoke(stores, handle, flags, output)
  } finally {
    await stores.sessions.close()
  }
}

type Flags = ReturnType<typeof readFlags<typeof FLAGS>>['flags']

/** @throws WrongArguments for a flag that the action does not have */
function requireOnly(action: string, flags: Flags): void {
  const known: readonly string[] = ['store', 'json', ...(ACTIONS[action] ?? [])]
  const wrong = Object.keys(flags).find((flag) => !known.includes(flag))
  if (wrong !== undefined) throw new WrongArguments(`sessions ${action} has no --${wrong}.`)
}

async function list({ sessions }: Stores, flags: Flags, output: Output): Promise<ExitCode> {
  const most = limitOf(flags)
  const found: Line[] = []
  let isCut = false
  for await (const line of matching(sessions, flags)) {
    if (flags.active && line.state !== 'active') continue
    isCut = found.length === most
    if (isCut) break
    found.push(line)
  }
  print(found, flags, output)
  if (isCut) output.err(`There are more than these ${most}. --limit shows more of them.`)
  if (found.length === 0) output.err('No session matches.')
  return 0
}

async function show({ sessions }: Stores, handle: string, flags: Flags, output: Output): Promise<ExitCode> {
  const line = lineOf(await existing(sessions, handle))
  if (flags.json) output.out(jsonText(line, 2))
  else for (const [name, value] of Object.entries(line)) output.out(`${name.padEnd(15)} ${text(value)}`)
  return 0
}

/** @throws CommandFailed when there is no such session */
async function existing(sessions: Stores['sessions'], handle: string): Promise<SessionRecord> {
  const record = await sessions.get(handle as SessionHandle)
  if (record === null) throw new CommandFailed('There is no such session.')
  return record
}

function limitOf({ limit = '100' }: Flags): number {
  const most = Number(limit)
  if (Number.isSafeInteger(most) && most > 0) return most
  throw new WrongArguments('--limit must be a whole number above zero.')
}

/** Without `--yes` it counts what it would revoke, and shows the first of them. */
async function revoke(
  stores: Stores,
  handle: string | undefined,
  flags: Flags,
  output: Output,
): Promise<ExitCode> {
  const most = limitOf(flags)
  if (!flags.yes) {
    const found = handle === undefined ? matching(stores.sessions, flags) : one(stores.sessions, handle)
    const shown: Line[] = []
    let active = 0
    for await (const line of found) if (line.state === 'active' && active++ < most) shown.push(line)
    print(shown, flags, output)
    const more = active > shown.length ? ` The first ${shown.length} are shown.` : ''
    const hint = active === 0 ? '' : ` Add --yes to revoke ${active === 1 ? 'it' : 'them'}.`
    output.err(`${active} to revoke.${more}${hint}`)
    return 0
  }
  if (handle !== undefined) await existing(stores.sessions, handle)
  const bff = operatorOf(stores)
  const revoked = await (handle === undefined
    ? revokeMatching(bff, filterOf(flags))
    : revokeOne(bff, handle)
  ).finally(() => bff.close())
  output.out(flags.json ? jsonText({ revoked }) : `${revoked} revoked.`)
  return 0
}

const revokeOne = async ({ sessions }: Bff, handle: string): Promise<number> =>
  (await sessions.revoke(handle as SessionHandle)) === 'revoked' ? 1 : 0

/** Page by page for any owner: however many they are, few are in memory, and a second run goes on where one was stopped. */
async function revokeMatching({ sessions }: Bff, filter: SessionFilter | AnyOwnerFilter): Promise<number> {
  if (!('owner' in filter)) return (await sessions.revokeAll(filter)).length
  let revoked = 0
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await sessions.revokePage(
      filter,
      {},
      { limit: 1000, ...(cursor !== undefined && { cursor }) },
    )
    revoked += page.sessions.length
    cursor = page.next
  }
  return revoked
}

async function* one(sessions: Stores['sessions'], handle: string): AsyncGenerator<Line> {
  yield lineOf(await existing(sessions, handle))
}

async function* matching(sessions: Stores['sessions'], flags: Flags): AsyncGenerator<Line> {
  const filter = filterOf(flags)
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await sessions.list(filter, cursor === undefined ? {} : { cursor })
    for (const record of page.records) yield lineOf(record)
    cursor = page.next
  }
}

function filterOf(flags: Flags): SessionFilter | AnyOwnerFilter {
  const {
    all,
    user,
    organization,
    issuer,
    subject,
    'provider-session': providerSession,
    device,
    except,
  } = flags
  const isNamed = user ?? organization ?? (issuer && (subject || providerSession))
  if (!all && !isNamed)
    throw new WrongArguments(
      'Name whose sessions: --user, --organization, --issuer with --subject or --provider-session; or --all for those of any owner.',
    )
  return {
    ...(all && { owner: 'any' as const }),
    ...(user !== undefined && { userId: user }),
    ...(organization !== undefined && { organizationId: organization }),
    ...(issuer !== undefined && { issuer }),
    ...(subject !== undefined && { subject }),
    ...(providerSession !== undefined && { providerSessionId: providerSession }),
    ...(device !== undefined && { deviceId: device }),
    ...(except !== undefined && { exceptHandle: except as SessionHandle }),
  }
}

/**
 * A BFF that only ends sessions: it notifies the other processes, as the app does. It opens nothing, so any key will do. Its
 * `close` waits until all events have left.
 */
function operatorOf(store: Stores): Bff {
  return createBff({
    origin: 'http://localhost',
    store,
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
  })
}

/** What an operator may see of a session: no hash and no sealed field. */
function lineOf(record: SessionRecord) {
  const { revocation } = record
  const ended = isExpired(record, Date.now()) ? 'expired' : 'active'
  return {
    handle: record.handle,
    state: revocation === null ? ended : 'revoked',
    user: record.userId,
    issuer: record.issuer,
    organization: record.organizationId,
    address: record.ipAddress,
    browser: record.userAgent,
    created: time(record.createdAt),
    lastUsed: time(record.lastAccessedAt),
    expires: time(record.expiresAt),
    revoked: revocation === null ? null : time(revocation.at),
    reason: revocation?.reasonCode ?? null,
  }
}

type Line = ReturnType<typeof lineOf>

const time = (at: number) => new Date(at).toISOString()
const text = (value: string | null) => printable(value ?? '-')

function print(lines: readonly Line[], { json }: Flags, { out }: Output): void {
  if (json) out(jsonText(lines, 2))
  else {
    if (lines.length > 0) out(row('handle', 'state', 'created', 'last used', 'user', 'browser'))
    for (const { handle, state, user, created, lastUsed, browser } of lines)
      out(row(handle, state, created, lastUsed, text(user), text(browser)))
  }
}

/** What people choose as a name comes last, because it has any width. */
const WIDTHS = [16, 7, 24, 24, 0, 0]
const row = (...cells: readonly string[]) =>
  cells.map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0)).join('  ')
