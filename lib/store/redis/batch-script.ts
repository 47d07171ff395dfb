import { RedisScript } from './redis-script.js';
import { refuseLate, scriptBegin } from './session-lua.js';

/**
 * Changes and claims, each as a whole, in their order. One letter for each: what came of it. A batch that comes a second time
 * (clients send again what was on its way when their connection broke) does nothing, and is answered the same.
 */
export const batchScript = new RedisScript(`${scriptBegin}${refuseLate}
local capacity = tonumber(ARGV[5])
local at = 6
local function take() at = at + 1 return ARGV[at - 1] end

local function isFull()
  if redis.call('ZCARD', sessions) < capacity then return false end
  redis.call('ZREMRANGEBYSCORE', sessions, '-inf', now)
  return redis.call('ZCARD', sessions) >= capacity
end
-- What this process was promised of it, and is not there.
local function isBehind(has, owner, expected)
  return expected > before or (has[1] == owner and tonumber(has[2]) < expected)
end
local function settle(key, first, after, remembers)
  for _ = 1, tonumber(take()) do
    local field, outcome = take(), take()
    if redis.call('HSET', key, field, outcome) == 1 then
      redis.call('HSET', key, 'x' .. after, field)
      after = after + 1
      if after - first > remembers then
        redis.call('HDEL', key, redis.call('HGET', key, 'x' .. first), 'x' .. first)
        first = first + 1
      end
    end
  end
  return first, after
end
local function send(key, after)
  for _ = 1, tonumber(take()) do
    redis.call('HSET', key, 'e' .. after, take(), 'm' .. after, take())
    after = after + 1
  end
  return after
end
local function forget(key, first, after, forgotten)
  while first < after do
    if tonumber(redis.call('HGET', key, 'e' .. first)) > tonumber(forgotten) then break end
    redis.call('HDEL', key, 'e' .. first, 'm' .. first)
    first = first + 1
  end
  return first
end
local function most(one, other) return tonumber(one) > tonumber(other) and one or other end

local function write(key, name)
  local owner, expected, isDue = take(), tonumber(take()), take()
  local record, token, remembers, rooms, last, forgotten, isEnd =
    take(), take(), take(), take(), take(), take(), take()
  local has = redis.pcall('HMGET', key, 'owner', 'number', 'last', 'forgotten', 'remembers',
    'firstSent', 'nextSent', 'firstSettled', 'nextSettled')
  if has.err then return 'i' end
  if record ~= '' then
    if has[1] then return 'm' end
    if isFull() then return 'f' end
    if isEnd == '1' then return 'k' end
    redis.call('HSET', key, 'record', record, 'token', token, 'remembers', remembers, 'rooms', '[]')
    addTo(name, owner)
    has = { owner, 0, '0', '0', remembers, 1, 1, 1, 1 }
  elseif not has[1] then
    -- Nobody has ended it: it was evicted, or it has expired.
    local isGone = redis.call('ZREM', sessions, name) == 1
    if isGone then removeFrom(name, owner) end
    return (isGone or expected > before) and 'l' or 'm'
  elseif isBehind(has, owner, expected) then
    drop(key, name, has[1])
    return 'l'
  elseif has[1] ~= owner then
    return 'm'
  end
  if isEnd == '1' then
    drop(key, name, owner)
    return 'k'
  end
  last, forgotten = most(has[3], last), most(has[4], forgotten)
  local nextSent = send(key, tonumber(has[7]))
  local firstSent = forget(key, tonumber(has[6]), nextSent, forgotten)
  local firstSettled, nextSettled = settle(key, tonumber(has[8]), tonumber(has[9]), tonumber(has[5]))
  redis.call('HSET', key, 'owner', owner, 'number', number, 'last', last, 'forgotten', forgotten,
    'firstSent', firstSent, 'nextSent', nextSent, 'firstSettled', firstSettled, 'nextSettled', nextSettled)
  if rooms ~= '' then redis.call('HSET', key, 'rooms', rooms) end
  if isDue == '1' then
    keep(key, name)
    addTo(name, owner)
  end
  return 'k'
end

local found = {}
local function claim(key, name)
  local owner, expected, _, token = take(), tonumber(take()), take(), take()
  local has = redis.pcall('HMGET', key, 'owner', 'number', 'token')
  if has.err then return 'i' end
  if has[3] ~= token then return '-' end
  if isBehind(has, owner, expected) then
    drop(key, name, has[1])
    return '-'
  end
  if has[1] ~= owner and not isWhole(has[1]) then
    drop(key, name, has[1])
    return 'r'
  end
  hand(key, name, has[1], owner)
  found[#found + 1] = redis.call('HGETALL', key)
  return 'c'
end
local function touch(key, name)
  local owner = take()
  if redis.call('HGET', key, 'owner') ~= owner then return 'm' end
  keep(key, name)
  addTo(name, owner)
  return 'k'
end
-- It is behind. Who has it by now is told by his next change: to him it has gone without an end.
local function discard(key, name)
  local owner = take()
  local has = redis.call('HGET', key, 'owner')
  if has == owner then drop(key, name, owner) elseif has then redis.call('DEL', key) end
  return 'k'
end
local steps = { w = write, c = claim, t = touch, d = discard }

if before == number then
  for i = 4, #KEYS do
    if known[2]:sub(i - 3, i - 3) == 'c' then found[#found + 1] = redis.call('HGETALL', KEYS[i]) end
  end
  return { tonumber(known[3]), known[2], unpack(found) }
end
local outcomes = {}
for i = 4, #KEYS do
  local kind, name, rest = take(), take(), tonumber(take())
  local following = at + rest
  outcomes[#outcomes + 1] = steps[kind](KEYS[i], name)
  at = following
end
outcomes = table.concat(outcomes)
written(outcomes)
return { before, outcomes, unpack(found) }
`);
