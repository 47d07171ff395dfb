import { RedisScript } from './redis-script.js';

/**
 * One demand on one key: what `KeyCounter` does, in Redis. The state is an array of the algorithm, messages and bytes, each as the
 * meters of `store/counting` write it down. Answers whether it is allowed, and for how long not.
 */
export const counterScript = new RedisScript(`
local key, algorithm, per_ms, slots_per_window, tolerance = KEYS[1], ARGV[2], tonumber(ARGV[3]), 16, 1e-6

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
end

-- A clock that was set back: what is in the future comes from now.
local function slots_of(state)
  local slots, total = {}, 0
  for i = 1, #state - 2, 3 do
    local last = math.min(state[i + 1], now)
    if last + per_ms > now then
      slots[#slots + 1] = { math.min(state[i], now), last, state[i + 2] }
      total = total + state[i + 2]
    end
  end
  return slots, total
end

local function sliding_window(limit, _, state, cost)
  local slots, total = slots_of(state)
  local excess = total + cost - limit
  if excess > 0 then
    for _, slot in ipairs(slots) do
      excess = excess - slot[3]
      if excess <= 0 then return slot[2] + per_ms - now end
    end
    return math.huge
  end
  local newest = slots[#slots]
  if not newest or now - newest[1] >= per_ms / slots_per_window then slots[#slots + 1] = { now, now, cost }
  else newest[2], newest[3] = now, newest[3] + cost end
  local counted = {}
  for _, slot in ipairs(slots) do
    for _, number in ipairs(slot) do counted[#counted + 1] = number end
  end
  return 0, counted, per_ms
end

local function token_bucket(limit, burst, state, cost)
  if cost > burst then return math.huge end
  local tokens, filled_at = state[1] or burst, math.min(state[2] or now, now)
  tokens = math.min(burst, tokens + (now - filled_at) * limit / per_ms)
  local missing = cost - tokens
  if missing > tolerance then return missing * per_ms / limit end
  tokens = tokens - cost
  return 0, { tokens, now }, (burst - tokens) * per_ms / limit
end

local count = algorithm == 'sliding-window' and sliding_window or token_bucket
local packed = redis.call('GET', key)
local known = packed and cmsgpack.unpack(packed) or {}
if known[1] ~= algorithm then known = {} end

local function meter(limit, burst, state, cost)
  if limit == math.huge then return 0, {}, 0 end
  return count(limit, burst, state or {}, cost)
end

local wait, messages, idle = meter(tonumber(ARGV[4]), tonumber(ARGV[5]), known[2], tonumber(ARGV[8]))
local wait_bytes, bytes, idle_bytes = meter(tonumber(ARGV[6]), tonumber(ARGV[7]), known[3], tonumber(ARGV[9]))
wait = math.max(wait, wait_bytes)
if wait > 0 then return wait == math.huge and 'inf' or string.format('%.0f', math.ceil(wait)) end
local state = cmsgpack.pack({ algorithm, messages, bytes })
redis.call('SET', key, state, 'PX', string.format('%.0f', math.ceil(math.max(idle, idle_bytes)) + 1000))
return '0'
`);
