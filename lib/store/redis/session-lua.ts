/*
 * How sessions lie in Redis. Every key begins with the prefix, and so is in one hash slot: scripts find some of them themselves.
 *
 * session:<name>   hash: all of one session, so that it expires, is evicted and is read as a whole
 *     record, token, remembers, rooms, owner, last, forgotten
 *     number                    of the batch that changed it last, as its owner's process counts them
 *     firstSent, nextSent       e<i>: number of the last of messages that are kept together; m<i>: `<first>:<count>:<frames>`
 *     firstSettled, nextSettled x<i>: field of what was settled as the i-th; =<id as JSON>: outcome as JSON
 * sessions         sorted set: names of all of them, by when they expire
 * owners           set: who has sessions
 * lives            hash: by owner, the run of Redis in which his process has last found everything that it was promised
 * of:<owner>       set: names of his. May have some that are not his any more
 * lease:<owner>    is there as long as he lives
 * untold:<owner>   list: the batch that has adopted, and what: until it is known that he was told
 * writer:<process> hash: number of its last batch, what came of it, and the number that was found before it
 */

/** What every script about sessions begins with. `GATEWIRE <fault> <text>` is what is read from errors of scripts. */
export const scriptBegin = `
local writer, sessions, owners = KEYS[1], KEYS[2], KEYS[3]
local base, number, ttl, trustsRestarts = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local known = redis.call('HMGET', writer, 'number', 'outcomes', 'before')
local before = tonumber(known[1] or 0)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local lives = base .. 'lives'
local currentRun
local function run()
  if not currentRun then
    local info = redis.pcall('INFO', 'server')
    currentRun = type(info) == 'string' and info:match('run_id:(%w+)') or ''
  end
  return currentRun
end
-- When Redis starts again, or a replica takes over, the last changes of an owner may be missing. He who lives says so himself.
local function isWhole(owner)
  return trustsRestarts or redis.call('HGET', lives, owner) == run()
end
local function keep(key, name)
  redis.call('PEXPIRE', key, ttl)
  redis.call('ZADD', sessions, now + ttl, name)
  redis.call('PEXPIRE', sessions, ttl)
end
local function removeOwner(owner)
  redis.call('SREM', owners, owner)
  redis.call('HDEL', lives, owner)
end
local function removeFrom(name, owner)
  local of = base .. 'of:' .. owner
  redis.call('SREM', of, name)
  if redis.call('EXISTS', of) == 0 then removeOwner(owner) end
end
local function drop(key, name, owner)
  redis.call('DEL', key)
  redis.call('ZREM', sessions, name)
  removeFrom(name, owner)
end
local function addTo(name, owner)
  local of = base .. 'of:' .. owner
  redis.call('SADD', of, name)
  redis.call('PEXPIRE', of, ttl)
  if redis.call('SADD', owners, owner) == 1 then
    redis.call('HSET', lives, owner, run())
    redis.call('PEXPIRE', lives, ttl)
  end
  redis.call('PEXPIRE', owners, ttl)
end
local function hand(key, name, from, to)
  if from ~= to then removeFrom(name, from) end
  addTo(name, to)
  redis.call('HSET', key, 'owner', to, 'number', number)
  keep(key, name)
end
local function written(outcomes)
  redis.call('HSET', writer, 'number', number, 'outcomes', outcomes, 'before', before)
  redis.call('PEXPIRE', writer, ttl)
end
`;

/** Of scripts that are numbered. */
export const refuseLate = `
-- It was given up, and others have come after it.
if before > number then return redis.error_reply('GATEWIRE unavailable it comes too late') end
`;
