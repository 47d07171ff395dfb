import { RedisScript } from './redis-script.js';

/*
 * Keys of a log: its stream (messages, under `<offset>-0`), its state (a hash), and where only the latest of a key is kept,
 * which that is (a hash: `offset:size`). A message has the fields at, size, kind, body and, where it has one, key, in this order.
 *
 * Of each process the state has the last batch that it has appended: `w<process>` = `number:offset:at`; an offset of 0 says that
 * batches up to this number are given up, so that one that is still on its way does nothing.
 */

/** What every call has first: see `headOf` in log-calls.ts. */
const head = `
local stream, state, latest = KEYS[1], KEYS[2], KEYS[3]
local writer, new_epoch, known_epoch = ARGV[2], ARGV[3], ARGV[4]
local known_offset, doubt_from, doubt_to = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local trusts_restarts = ARGV[8] == '1'

local function whole(number) return string.format('%.0f', number) end

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function life_of_redis()
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
end

-- 'kept', 'new', or why nobody may go on from where he was: 'restarted', 'behind', 'doubtful'.
local function open_log()
  local found = redis.call('HMGET', state,
    'epoch', 'offset', 'lost', 'at', 'age', 'keyed', 'count', 'bytes', 'first', 'life', 'w' .. writer)
  local life = life_of_redis()
  if not found[1] then
    if redis.call('EXISTS', stream, latest) > 0 then redis.call('UNLINK', stream, latest) end
    return { fate = 'new', epoch = new_epoch, offset = 0, lost = 0, at = 0, age = math.huge, keyed = false,
      count = 0, bytes = 0, first = 0, life = life, batch = doubt_to, batch_offset = 0, is_changed = true }
  end
  local log = { fate = 'kept', epoch = found[1], offset = tonumber(found[2]), lost = tonumber(found[3]), at = tonumber(found[4]),
    age = tonumber(found[5]), keyed = found[6] == '1', count = tonumber(found[7]), bytes = tonumber(found[8]),
    first = tonumber(found[9]), life = life, batch = 0, batch_offset = 0, is_changed = false }
  if found[11] then
    local batch, offset = string.match(found[11], '^(%d+):(%d+)')
    log.batch, log.batch_offset = tonumber(batch), tonumber(offset)
  end
  if found[10] ~= life and not trusts_restarts then log.fate = 'restarted' end
  if log.epoch == known_epoch and log.offset < known_offset then log.fate = 'behind' end
  if doubt_to > 0 and log.batch <= doubt_to then
    if log.batch >= doubt_from and log.batch_offset > 0 then log.fate = 'doubtful' end
    if log.batch < doubt_to or log.batch_offset > 0 then
      log.batch, log.batch_offset, log.is_changed = doubt_to, 0, true
    end
  end
  if log.fate ~= 'kept' then log.epoch, log.is_changed = new_epoch, true end
  -- Its time to live is over, or it was evicted.
  if log.count > 0 and redis.call('EXISTS', stream) == 0 then
    log.count, log.bytes, log.lost, log.is_changed = 0, 0, log.offset, true
  end
  return log
end

local function is_aged(log) return log.count > 0 and now - log.first > log.age end

-- Lets go of the oldest until the rest is within all bounds. keeps: in memory alone, where nothing can be written.
local function trim(log, count, bytes, keeps)
  local from, page_size, lost = '-', 2, log.lost
  while log.count > count or log.bytes > bytes or is_aged(log) do
    local page = redis.call('XRANGE', stream, from, '+', 'COUNT', page_size)
    if #page == 0 then break end
    for _, entry in ipairs(page) do
      local fields = entry[2]
      log.first = tonumber(fields[2])
      if log.count <= count and log.bytes <= bytes and not is_aged(log) then break end
      log.count, log.bytes = log.count - 1, log.bytes - tonumber(fields[4])
      log.lost = tonumber(string.match(entry[1], '^%d+'))
      if log.keyed and fields[10] and not keeps then redis.call('HDEL', latest, fields[10]) end
    end
    from, page_size = whole(log.lost + 1), 32
  end
  if log.lost == lost then return end
  log.is_changed = true
  if not keeps then redis.call('XTRIM', stream, 'MINID', whole(log.lost + 1)) end
end

-- Processes come and go: one that has appended nothing for an hour is not remembered beside others.
local function forget_writers()
  if redis.call('HLEN', state) < 20 then return end
  local fields = redis.call('HGETALL', state)
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 1) == 'w' and tonumber(string.match(fields[i + 1], '(%d+)$')) < now - 3600000 then
      redis.call('HDEL', state, fields[i])
    end
  end
end

local function save(log)
  redis.call('HSET', state, 'epoch', log.epoch, 'offset', whole(log.offset), 'lost', whole(log.lost), 'at', whole(log.at),
    'age', log.age == math.huge and 'inf' or whole(log.age), 'keyed', log.keyed and '1' or '0', 'count', whole(log.count),
    'bytes', whole(log.bytes), 'first', whole(log.first), 'life', log.life)
  if log.batch == 0 then return end
  local batch = whole(log.batch) .. ':' .. whole(log.batch_offset) .. ':' .. whole(now)
  if redis.call('HSET', state, 'w' .. writer, batch) == 1 then forget_writers() end
end

local function expire(key, ms)
  if ms == math.huge then redis.call('PERSIST', key) else redis.call('PEXPIRE', key, whole(ms)) end
end
`;

const append = `
local batch, count, bytes, age = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local keyed, life_ms, state_ms = ARGV[13] == '1', tonumber(ARGV[14]), tonumber(ARGV[15])
local first_message, message_args = 16, 4

local function supersede(log, key, offset, size)
  local earlier = redis.call('HGET', latest, key)
  redis.call('HSET', latest, key, whole(offset) .. ':' .. size)
  if not earlier then return end
  local place, bytes_before = string.match(earlier, '^(%d+):(%d+)$')
  if redis.call('XDEL', stream, place) == 1 then
    log.count, log.bytes = log.count - 1, log.bytes - tonumber(bytes_before)
  end
end

-- Messages that came before this was asked for.
local function keep_latest_of_all(log)
  local from = '-'
  while true do
    local page = redis.call('XRANGE', stream, from, '+', 'COUNT', 100)
    for _, entry in ipairs(page) do
      local offset = tonumber(string.match(entry[1], '^%d+'))
      if entry[2][10] then supersede(log, entry[2][10], offset, entry[2][4]) end
      from = whole(offset + 1)
    end
    if #page < 100 then return end
  end
end

local log = open_log()
if batch <= log.batch then
  -- A client that lost its connection has sent it again, or it was given up.
  if log.is_changed then save(log) end
  if batch == log.batch and log.batch_offset > 0 then return { log.epoch, whole(log.batch_offset), log.fate } end
  return redis.error_reply('GATEWIRE unavailable the append was given up')
end
-- First what a full memory refuses: then nothing was done.
local messages = (#ARGV - first_message + 1) / message_args
redis.call('HSET', state, 'offset', whole(log.offset + messages))
if age ~= log.age then trim(log, math.huge, math.huge, false) end
log.age = age
if log.keyed and not keyed then redis.call('UNLINK', latest) end
if keyed and not log.keyed then keep_latest_of_all(log) end
log.keyed = keyed
log.at = math.max(log.at, now)
for i = first_message, #ARGV, message_args do
  local size, key = ARGV[i], ARGV[i + 3]
  log.offset = log.offset + 1
  local id = whole(log.offset)
  if log.count == 0 then log.first = log.at end
  log.count, log.bytes = log.count + 1, log.bytes + tonumber(size)
  if key == '' then
    redis.call('XADD', stream, id, 'a', whole(log.at), 's', size, 'f', ARGV[i + 1], 'b', ARGV[i + 2])
  else
    key = string.sub(key, 2)
    redis.call('XADD', stream, id, 'a', whole(log.at), 's', size, 'f', ARGV[i + 1], 'b', ARGV[i + 2], 'k', key)
    if keyed then supersede(log, key, log.offset, size) end
  end
  -- Where later ones supersede earlier ones, what is within the bounds depends on when one looks.
  if keyed then trim(log, count, bytes, false) end
end
trim(log, count, bytes, false)
log.batch, log.batch_offset = batch, log.offset
save(log)
expire(stream, life_ms)
expire(latest, life_ms)
expire(state, state_ms)
return { log.epoch, whole(log.offset), log.fate }
`;

const read = `
local after, before, is_newest = tonumber(ARGV[9]), tonumber(ARGV[10]), ARGV[11] == '1'
local limit, max_bytes, empty_ms = tonumber(ARGV[12]), tonumber(ARGV[13]), ARGV[14]

local log = open_log()
if log.is_changed or is_aged(log) then
  -- Where nothing can be written (a full memory), what is read is right all the same.
  local written = redis.pcall('HSET', state, 'epoch', log.epoch)
  local keeps = type(written) == 'table'
  trim(log, math.huge, math.huge, keeps)
  if not keeps then
    save(log)
    if log.fate == 'new' then redis.call('PEXPIRE', state, empty_ms) end
  end
end

local entries, bytes = {}, 0
local low, high = math.max(after, log.lost) + 1, math.min(before - 1, log.offset)
local page_size = math.min(limit, 100, math.max(1, math.ceil(max_bytes * log.count / math.max(log.bytes, 1))) + 1)
while limit > #entries and low <= high and log.count > 0 do
  local page
  if is_newest then page = redis.call('XREVRANGE', stream, whole(high), whole(low), 'COUNT', whole(page_size))
  else page = redis.call('XRANGE', stream, whole(low), whole(high), 'COUNT', whole(page_size)) end
  for _, entry in ipairs(page) do
    local offset, fields = string.match(entry[1], '^%d+'), entry[2]
    bytes = bytes + tonumber(fields[4])
    if #entries == limit or (bytes > max_bytes and #entries > 0) then
      limit = #entries
      break
    end
    entries[#entries + 1] = { offset, fields[2], fields[6], fields[8], fields[10] or false }
    if is_newest then high = tonumber(offset) - 1 else low = tonumber(offset) + 1 end
  end
  if #page < page_size then break end
end
return { log.epoch, whole(log.offset), log.fate, whole(log.lost), entries }
`;

/** Appends a batch; answers epoch, offset of its last message, and the fate of the log. */
export const appendScript = new RedisScript(head + append);

/** Reads; answers epoch, offset, fate, the last offset that a bound has cost, and entries. */
export const readScript = new RedisScript(head + read);
