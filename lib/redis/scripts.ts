/*
 * What Redis does in one step, in its own language. All of them take time that does not depend on how many pages are
 * kept. Times are milliseconds of the Redis server's clock.
 */

/** What is further ahead of Redis's clock than this comes from a machine whose clock has jumped. */
export const LARGEST_LEAD = 1_000

/** Redis's clock, as `now`. */
const READ_CLOCK = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)`

/**
 * Keeps an entry unless a younger one is there. A value begins with the time of its render in sixteen digits; whatever
 * else lies under the key, of whatever type, is replaced, and so is what claims to come from the future. Nothing new from
 * there is kept: once its time has come, it would count as younger than what was invalidated until then.
 *
 * KEYS: entry. ARGV: time, value, milliseconds to live.
 */
export const SET_ENTRY = `${READ_CLOCK}
local latest = string.format('%016.0f', now + ${LARGEST_LEAD})
if ARGV[1] > latest then return 0 end
local kept = redis.pcall('GETRANGE', KEYS[1], 0, 15)
if type(kept) == 'string' and #kept == 16 and kept > ARGV[1] and kept <= latest then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

/** Gives a lease back if it is still the caller's. KEYS: lease. ARGV: token. */
export const RELEASE_LEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`

/** How far clocks of machines that share a Redis may be apart after they have been compared with its own. */
const CLOCK_ERROR = 25

/** Marks that are kept; what is older is folded into a time before which no entry is believed. */
const LARGEST_MARKS = 100_000

/**
 * Notes an invalidation and tells everybody. Marks lie in a hash (what is outdated before when) and in a sorted set (when
 * it was said), so that those who were away can ask for what they missed. A time in the future stands for now: it would
 * outdate all that is produced until then.
 *
 * KEYS: sorted set, hash. ARGV: name, time or -1 for now, channel, milliseconds to live.
 */
export const INVALIDATE = `${READ_CLOCK}
local before = tonumber(ARGV[2])
if before < 0 or before > now + ${LARGEST_LEAD} then before = now + 1 + ${CLOCK_ERROR} end
local known = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
if known > before and known <= now + ${LARGEST_LEAD} then before = known end
local text = string.format('%.0f', before)
redis.call('HSET', KEYS[2], ARGV[1], text)
redis.call('ZADD', KEYS[1], now, ARGV[1])
local excess = redis.call('ZCARD', KEYS[1]) - ${LARGEST_MARKS}
if excess > 0 then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, math.min(excess, 100) - 1, 'WITHSCORES')
  for i = 1, #oldest, 2 do
    local name = oldest[i]
    local floor = string.sub(name, 2, 5) == 'key:' and '#gone' or '#floor'
    local time = tonumber(floor == '#gone' and oldest[i + 1] or redis.call('HGET', KEYS[2], name) or '0')
    if time > tonumber(redis.call('HGET', KEYS[2], floor) or '0') then
      redis.call('HSET', KEYS[2], floor, string.format('%.0f', time))
    end
    redis.call('ZREM', KEYS[1], name)
    redis.call('HDEL', KEYS[2], name)
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[3], text .. ' ' .. ARGV[1])
return text`

/** Marks that are read in one step. */
export const PAGE_OF_MARKS = 1_000

/**
 * Reads the clock, the two times of marks that were forgotten, and marks that were made since a time.
 *
 * KEYS: sorted set, hash. ARGV: time, how many to skip.
 */
export const READ_MARKS = `${READ_CLOCK}
local names = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], '+inf', 'LIMIT', ARGV[2], ${PAGE_OF_MARKS})
local answer = {
  string.format('%.0f', now),
  redis.call('HGET', KEYS[2], '#floor') or '0',
  redis.call('HGET', KEYS[2], '#gone') or '0',
}
for _, name in ipairs(names) do
  answer[#answer + 1] = name
  answer[#answer + 1] = redis.call('HGET', KEYS[2], name) or '0'
end
return answer`
