/**
 * The scripts of what lives for a while. An entry is a hash: `v` its value, `g` its group where
 * it has one, `u` once it is used. A group is a sorted set of its entries' keys by the time at which they
 * expire; it expires with the last of them. An entry that expires stays in the set until
 * something is put into the group; so a member counts only while it names the group.
 */
import { script } from './scripts.ts';

/**
 * Leaves the group, if it has one, and is removed. Writes nothing where there is none: a server
 * without memory refuses what a script wants to add only while it has written nothing yet.
 */
const discard = `
local function discard(groups, key)
  if redis.call('EXISTS', key) == 0 then return end
  local group = redis.call('HGET', key, 'g')
  if group then redis.call('ZREM', groups .. group, key) end
  redis.call('UNLINK', key)
end
`;

/** Keeps an entry in place of what is there. `groups`: what groups' keys begin with; `group`: '' for none, or '+' and its name. */
const keep = `
${discard}
local function keep(groups, now, key, lifetime, value, group)
  discard(groups, key)
  redis.call('HSET', key, 'v', value)
  redis.call('PEXPIRE', key, string.format('%.0f', lifetime))
  if group == '' then return end
  group = group:sub(2)
  redis.call('HSET', key, 'g', group)
  local members = groups .. group
  redis.call('ZREMRANGEBYSCORE', members, '-inf', string.format('(%.0f', now))
  redis.call('ZADD', members, string.format('%.0f', now + lifetime), key)
  local last = redis.call('ZRANGE', members, -1, -1, 'WITHSCORES')[2]
  redis.call('PEXPIRE', members, string.format('%.0f', tonumber(last) - now + 1))
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS: entries. ARGV: (1) what groups' keys begin with, (2) '1' to put only what is not there,
 * then for each entry: lifetime in ms, value, '' for no group or '+' and the group.
 * Answers 1 when the entries were put, 0 when the only one was there.
 */
export const putScript = script(`
${keep}
if ARGV[2] == '1' and redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
for i = 1, #KEYS do
  keep(ARGV[1], now, KEYS[i], tonumber(ARGV[3 * i]), ARGV[3 * i + 1], ARGV[3 * i + 2])
end
return 1
`);

/** KEYS: entries. Answers for each its value and whether it is used, two empty answers where there is none. */
export const getScript = script(`
local out = {}
for i = 1, #KEYS do
  local found = redis.call('HMGET', KEYS[i], 'v', 'u')
  out[2 * i - 1], out[2 * i] = found[1], found[2]
end
return out
`);

/**
 * KEYS: any key of the account, for the node. ARGV: cursor, glob of the entries' keys, how many keys to look at.
 * Answers the next cursor, then key and value of each entry.
 */
export const scanEntriesScript = script(`
local reply = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
local out = { reply[1] }
for _, key in ipairs(reply[2]) do
  local value = redis.call('HGET', key, 'v')
  if value then
    out[#out + 1] = key
    out[#out + 1] = value
  end
end
return out
`);

/** KEYS: an entry. ARGV: the value that it must have, the value to put in its place. Answers 1 when it did. */
export const exchangeScript = script(`
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[2])
return 1
`);

/** KEYS: an entry. ARGV: what groups' keys begin with. Answers as the get script does, of what it removed. */
export const takeScript = script(`
${discard}
local found = redis.call('HMGET', KEYS[1], 'v', 'u')
if found[1] then discard(ARGV[1], KEYS[1]) end
return found
`);

/**
 * KEYS: an entry, then those to keep along with its first use. ARGV: what groups' keys begin with, then for
 * each to keep what the put script takes. Answers 0 when there is no entry, 1 for the first use, 2 for others.
 */
export const useScript = script(`
${keep}
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('HSETNX', KEYS[1], 'u', '1') == 0 then return 2 end
for i = 2, #KEYS do
  keep(ARGV[1], now, KEYS[i], tonumber(ARGV[3 * i - 4]), ARGV[3 * i - 3], ARGV[3 * i - 2])
end
return 1
`);

/** KEYS: a counter. ARGV: lifetime in ms, amount. Answers the sum. */
export const countScript = script(`
local sum = redis.call('INCRBY', KEYS[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return sum
`);

/** KEYS: entries. ARGV: what groups' keys begin with. */
export const removeEntriesScript = script(`
${discard}
for i = 1, #KEYS do discard(ARGV[1], KEYS[i]) end
return 1
`);

/** KEYS: a group. ARGV: its name, how many members to remove at most. Answers how many there were. */
export const removeGroupScript = script(`
local members = redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[2]) - 1)
for i = 1, #members do
  if redis.call('HGET', members[i], 'g') == ARGV[1] then redis.call('UNLINK', members[i]) end
end
if #members > 0 then redis.call('ZREMRANGEBYRANK', KEYS[1], 0, #members - 1) end
return #members
`);
