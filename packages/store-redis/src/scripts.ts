import { createHash } from 'node:crypto'

/** A Lua script whose keys are all in one slot, so that it runs on Cluster (STO-08). */
export interface Script {
  readonly lua: string
  readonly sha: string
}

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/** Extends the lifetime of a shared key; never shortens it (STO-06). */
const KEEP = `
local function keep(key, ttl)
  if redis.call('PTTL', key) < tonumber(ttl) then redis.call('PEXPIRE', key, ttl) end
end`

/**
 * Sets the expiry of a session, by the ends in its head: in its bucket's list, and of its key. ARGV[1] is its handle.
 * `record.ts` draws the head.
 */
const SETTLE = `${KEEP}
local function settle(head, now, grace)
  local expires, absolute, refresh = struct.unpack('<ddd', head, 27)
  local ends = math.min(expires, absolute, refresh)
  local ttl = math.ceil(math.max(0, ends - now) + grace)
  redis.call('ZADD', KEYS[2], ends, ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ttl)
  keep(KEYS[2], ttl)
end`

/**
 * KEYS: session, its due list. ARGV: handle, when due, life, due before which list members are long gone, the session.
 * 1 when created, 0 when the handle is taken.
 */
export const CREATE = script(`${KEEP}
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
keep(KEYS[2], ARGV[3])
return 1`)

/** KEYS: session. It no longer waits for the eviction of others. */
export const ADMIT = script(`
if redis.call('STRLEN', KEYS[1]) > 0 then redis.call('SETRANGE', KEYS[1], 1, string.char(0)) end`)

/**
 * KEYS: session, living. ARGV: handle, the identity of the version that the change is based on, now, grace, the new session.
 * The new session with the touches since then, or nil when it is gone, revoked or changed.
 */
export const UPDATE = script(`${SETTLE}
local head = redis.call('GETRANGE', KEYS[1], 0, 57)
if head:sub(1, 18) .. head:sub(35) ~= ARGV[2] then return false end
local session = ARGV[5]:sub(1, 18) .. head:sub(19, 34) .. ARGV[5]:sub(35)
redis.call('SET', KEYS[1], session)
settle(session, tonumber(ARGV[3]), tonumber(ARGV[4]))
return head:sub(19, 34)`)

/** KEYS: session, living. ARGV: handle, at, new end, grace. 1 when touched, 0 when gone or revoked. */
export const TOUCH = script(`${SETTLE}
local head = redis.call('GETRANGE', KEYS[1], 0, 57)
if #head < 58 or struct.unpack('<I4', head, 7) > 0 then return 0 end
local accessed, ends, absolute = struct.unpack('<ddd', head, 19)
accessed = math.max(accessed, tonumber(ARGV[2]))
ends = math.max(ends, math.min(tonumber(ARGV[3]), absolute))
local touched = struct.pack('<dd', accessed, ends)
redis.call('SETRANGE', KEYS[1], 18, touched)
settle(head:sub(1, 18) .. touched .. head:sub(35), tonumber(ARGV[2]), tonumber(ARGV[4]))
return 1`)

/**
 * KEYS: session, living, revoked. ARGV: handle, at, revocation, life. Returns whether this call revoked it, and the session;
 * nil without a session. A repeated call writes again, so that a WAIT after it covers the first revocation (STO-14).
 */
export const REVOKE = script(`${KEEP}
local session = redis.call('GET', KEYS[1])
if not session then return false end
if #session < 58 then return {0, session} end
local members, first, version = struct.unpack('<I4I4d', session, 3)
if first > 0 then
  redis.call('SETRANGE', KEYS[1], 0, session:sub(1, 1))
  return {0, session}
end
session = session:sub(1, 1) .. string.char(0) .. struct.pack('<I4I4d', members, #ARGV[3], version + 1)
  .. session:sub(19, 58 + members) .. ARGV[3]
redis.call('SET', KEYS[1], session, 'PX', ARGV[4])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
keep(KEYS[3], ARGV[4])
return {1, session}`)

/**
 * KEYS: session, living, revoked. ARGV: handle, and to delete only what is due: expired before, revoked before.
 * Whether there was one, and the session, or the owners in the earlier layout; nil when it is not due. The ZADD is undone
 * at once: it gives a WAIT behind a repeated deletion something to cover (STO-14).
 */
export const REMOVE = script(`
if ARGV[2] then
  local ends = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or nil)
  local at = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]) or nil)
  if not (ends and ends < tonumber(ARGV[2])) and not (at and at < tonumber(ARGV[3])) then return false end
end
local kind = redis.call('TYPE', KEYS[1]).ok
local found = false
if kind == 'string' then found = redis.call('GET', KEYS[1]) end
if kind == 'hash' then found = redis.call('HMGET', KEYS[1], 'u', 'o', 'i', 's') end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return {redis.call('DEL', KEYS[1]), found}`)

/**
 * KEYS: session. ARGV: the session in the present layout, and what the earlier layout held of version, revocation and
 * touches when it was read; '' for nothing. 0 when that has changed, else 1. It leaves the life of the key alone.
 */
export const REWRITE = script(`
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return 1 end
for index, found in ipairs(redis.call('HMGET', KEYS[1], 'v', 'r', 'l', 'e', 'w')) do
  if (found or '') ~= ARGV[1 + index] then return 0 end
end
local life = redis.call('PTTL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1])
if life > 0 then redis.call('PEXPIRE', KEYS[1], life) end
return 1`)

/** KEYS: living, revoked. ARGV: expired before, revoked before, how many of each. Handles that are due. */
export const DUE = script(`
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[3])
local revoked = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[2], 'LIMIT', 0, ARGV[3])
for _, handle in ipairs(revoked) do due[#due + 1] = handle end
return due`)

/** KEYS: living, revoked. All handles of a bucket, read at once: a revocation moves one from one list to the other. */
export const HANDLES = script(`
local handles = redis.call('ZRANGE', KEYS[1], 0, -1)
for _, handle in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do handles[#handles + 1] = handle end
return handles`)

/*
 * An index is a sorted set of handles by minus their createdAt, so that its order is the order of lists. A create
 * under way adds '!' and its handle, by the server's time: it keeps its entry from being taken for a stale one.
 */

/**
 * KEYS: index. ARGV: handle, score, life. The server's time in microseconds, which orders admissions, and a few
 * entries to verify, so that an index nobody reads is pruned too.
 */
export const INDEX_ADD = script(`${KEEP}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local sample = {}
for _, handle in ipairs(redis.call('ZRANDMEMBER', KEYS[1], 3)) do
  if handle:sub(1, 1) ~= '!' and not redis.call('ZSCORE', KEYS[1], '!' .. handle) then
    sample[#sample + 1] = handle
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], 1, now - 60000)
redis.call('ZADD', KEYS[1], 'NX', ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[1], now, '!' .. ARGV[1])
keep(KEYS[1], ARGV[3])
return {string.format('%.0f', t[1] * 1000000 + t[2]), sample}`)

/** KEYS: index. ARGV: handle, score, life. Ends an addition, and restores an entry that was lost. */
export const INDEX_CONFIRM = script(`${KEEP}
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREM', KEYS[1], '!' .. ARGV[1])
keep(KEYS[1], ARGV[3])`)

/** KEYS: index. ARGV: handles. Removes entries, but none that is being added again. */
export const INDEX_PRUNE = script(`
for _, handle in ipairs(ARGV) do
  if not redis.call('ZSCORE', KEYS[1], '!' .. handle) then redis.call('ZREM', KEYS[1], handle) end
end`)

/** KEYS: index. ARGV: from which score, how many. Handles and scores, and the marks of additions under way. */
export const INDEX_PAGE = script(`
return {
  redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], 0, 'WITHSCORES', 'LIMIT', 0, ARGV[2]),
  redis.call('ZRANGEBYSCORE', KEYS[1], 1, '+inf'),
}`)

/** KEYS: value. ARGV: expected, new life. */
export const EXTEND = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

/** KEYS: value. ARGV: expected. */
export const COMPARE_AND_DELETE = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`)

/** KEYS: value. ARGV: what it becomes, its life. It writes each time, so that waiting for replicas waits for this. */
export const SET = script("redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1")

/** KEYS: any key of the topic. ARGV: channel, message. The key's node of a Cluster keeps the messages in order. */
export const PUBLISH = script("return redis.call('PUBLISH', ARGV[1], ARGV[2])")
