import { RedisScript } from './redis-script.js';
import { refuseLate, scriptBegin } from './session-lua.js';

/**
 * Some of the sessions that nobody has who lives. Those that were adopted by a call of which the answer did not arrive come
 * again, before others do.
 */
export const adoptScript = new RedisScript(`${scriptBegin}${refuseLate}
local untold = KEYS[4]
local owner, tag, told, mostSessions, mostBytes = ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local page, bytes, seen, dropped = {}, 0, 0, 0
local function nodeOf(name) return name:match('^(.*)/') or name end
local function add(key)
  local session = redis.call('HGETALL', key)
  for _, part in ipairs(session) do bytes = bytes + #part end
  page[#page + 1] = session
end
local function adoptFrom(other)
  local of = base .. 'of:' .. other
  local areWhole = isWhole(other)
  while seen < mostSessions and bytes < mostBytes do
    local name = redis.call('SPOP', of)
    if not name then break end
    seen = seen + 1
    local key = base .. 'session:' .. name
    local isHis = redis.call('HGET', key, 'owner') == other
    if isHis and not areWhole then
      drop(key, name, other)
      dropped = dropped + 1
    elseif isHis then
      hand(key, name, other, owner)
      redis.call('RPUSH', untold, name)
      add(key)
    end
  end
  if redis.call('EXISTS', of) == 0 then removeOwner(other) end
end

local waiting = redis.call('LRANGE', untold, 0, -1)
if #waiting > 0 and waiting[1] ~= told then
  redis.call('LSET', untold, 0, tag)
  for i = 2, #waiting do
    local key = base .. 'session:' .. waiting[i]
    if redis.call('HGET', key, 'owner') == owner then add(key) end
  end
else
  redis.call('DEL', untold)
  redis.call('RPUSH', untold, tag)
  for _, other in ipairs(redis.call('SMEMBERS', owners)) do
    local isDead = other ~= owner
      and (nodeOf(other) == nodeOf(owner) or redis.call('EXISTS', base .. 'lease:' .. other) == 0)
    if isDead then adoptFrom(other) end
  end
  if #page == 0 then redis.call('DEL', untold) end
end
redis.call('PEXPIRE', untold, ttl)
written('')
local isAll = #page == 0 and seen < mostSessions
return { before, dropped, isAll and 1 or 0, unpack(page) }
`);

/**
 * An owner lives. Answers which batch of his process is the last that is there; where nothing is missing, his sessions are whole
 * in this run of Redis.
 */
export const renewScript = new RedisScript(`${scriptBegin}
local confirmed, owner, leaseMs = number, ARGV[5], ARGV[6]
redis.call('SET', base .. 'lease:' .. owner, 1, 'PX', leaseMs)
if before < confirmed then
  written('')
elseif redis.call('SISMEMBER', owners, owner) == 1 then
  redis.call('HSET', lives, owner, run())
end
for _, key in ipairs({ writer, sessions, owners, lives, base .. 'of:' .. owner, base .. 'untold:' .. owner }) do
  redis.call('PEXPIRE', key, ttl)
end
return before
`);
