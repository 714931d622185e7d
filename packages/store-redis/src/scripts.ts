import { createHash } from 'node:crypto'
import { SEALED_NAMES } from './record.ts'

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

/** Sets the expiry of a session: in its bucket's list, and of its key. ARGV[1] is its handle. */
const SETTLE = `${KEEP}
local function settle(now, grace)
  local f = redis.call('HMGET', KEYS[1], 'e', 'x', 're')
  local ends = math.huge
  for i = 1, 3 do
    local at = tonumber(f[i] or nil)
    if at and at < ends then ends = at end
  end
  local ttl = math.ceil(math.max(0, ends - now) + grace)
  redis.call('ZADD', KEYS[2], ends, ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ttl)
  keep(KEYS[2], ttl)
end`

/**
 * KEYS: session, its due list. ARGV: handle, when due, life, due before which list members are long gone, then
 * names and values. 1 when created, 0 when the handle is taken.
 */
export const CREATE = script(`${KEEP}
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
keep(KEYS[2], ARGV[3])
return 1`)

/**
 * KEYS: session, living. ARGV: handle, expected version, now, grace, how many to clear, names to clear, then names
 * and values to set. The new hash, or nil when it is gone, revoked or changed.
 */
export const UPDATE = script(`${SETTLE}
local f = redis.call('HMGET', KEYS[1], 'v', 'r')
if f[1] ~= ARGV[2] or f[2] then return false end
local cleared = tonumber(ARGV[5])
if cleared > 0 then redis.call('HDEL', KEYS[1], unpack(ARGV, 6, 5 + cleared)) end
redis.call('HSET', KEYS[1], unpack(ARGV, 6 + cleared))
redis.call('HINCRBY', KEYS[1], 'v', 1)
settle(tonumber(ARGV[3]), tonumber(ARGV[4]))
return redis.call('HGETALL', KEYS[1])`)

/** KEYS: session, living. ARGV: handle, at, new end, grace. 1 when touched, 0 when gone or revoked. */
export const TOUCH = script(`${SETTLE}
local f = redis.call('HMGET', KEYS[1], 'v', 'r', 'l', 'e', 'x')
if not f[1] or f[2] then return 0 end
local ends = ARGV[3]
if tonumber(ends) > tonumber(f[5]) then ends = f[5] end
if tonumber(ARGV[2]) > tonumber(f[3]) then redis.call('HSET', KEYS[1], 'l', ARGV[2]) end
if tonumber(ends) > tonumber(f[4]) then redis.call('HSET', KEYS[1], 'e', ends) end
settle(tonumber(ARGV[2]), tonumber(ARGV[4]))
return 1`)

/**
 * KEYS: session, living, revoked. ARGV: handle, at, revocation, life. Returns whether this call revoked it, and the hash;
 * nil without a session. A repeated call writes the first revocation again, so that a WAIT after it covers it (STO-14).
 */
export const REVOKE = script(`${KEEP}
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local first = redis.call('HGET', KEYS[1], 'r')
if first then
  redis.call('HSET', KEYS[1], 'r', first)
  return {0, redis.call('HGETALL', KEYS[1])}
end
redis.call('HDEL', KEYS[1], ${SEALED_NAMES.map((name) => `'${name}'`).join(', ')}, 'w')
redis.pcall('HINCRBY', KEYS[1], 'v', 1)
redis.call('HSET', KEYS[1], 'r', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
keep(KEYS[3], ARGV[4])
return {1, redis.call('HGETALL', KEYS[1])}`)

/**
 * KEYS: session, living, revoked. ARGV: handle, and to delete only what is due: expired before, revoked before.
 * Whether there was one, and its owners; nil when it is not due. The ZADD is undone at once: it gives a WAIT behind
 * a repeated deletion something to cover (STO-14).
 */
export const REMOVE = script(`
if ARGV[2] then
  local ends = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or nil)
  local at = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]) or nil)
  if not (ends and ends < tonumber(ARGV[2])) and not (at and at < tonumber(ARGV[3])) then return false end
end
local owners = redis.pcall('HMGET', KEYS[1], 'u', 'o', 'i', 's')
if owners.err then owners = {false, false, false, false} end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return {redis.call('DEL', KEYS[1]), owners}`)

/** KEYS: living, revoked. ARGV: expired before, revoked before, how many of each. Handles that are due. */
export const DUE = script(`
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[3])
local revoked = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[2], 'LIMIT', 0, ARGV[3])
for _, handle in ipairs(revoked) do due[#due + 1] = handle end
return due`)

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
