/**
 * The scripts that run inside Redis. Each works on one account, whose keys share a hash tag;
 * records' hashes are derived from the account's prefix where a change log names them.
 *
 * The account's state is one string: lineage (32 characters), the id of the history that the
 * server had when it wrote last (its replication id, 40 characters, blank where the server does not
 * say), then four doubles: epoch counter, revision, the oldest counter that the change log reaches
 * back to, and the number of keys that it holds. A server begins a new history whenever it starts as a
 * primary, is made one, or is given another's data: whenever what it has may not be all that was acknowledged.
 * Of an account that was removed, a state with the lineage 000… stays, so
 * that no revision ever comes back.
 */
import { createHash } from 'node:crypto';
import { keepBefore } from './before-image.ts';

export interface Script {
  readonly text: string;
  readonly sha: string;
}

/**
 * Sets `standing`, what the server says of its replication. A replica refuses, as it would refuse a
 * write: one that was a primary until a moment ago would answer reads with what is no longer so.
 */
const onPrimary = `
local standing = redis.pcall('INFO', 'replication')
if type(standing) ~= 'string' then standing = '' end
if standing:find('role:slave', 1, true) then
  return redis.error_reply('READONLY this server is a replica by now')
end
`;

/** A script that runs on a primary only, with its hash. */
export function script(body: string): Script {
  const text = onPrimary + body;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** Does nothing: it shows that the server is there, and a primary. */
export const nothingScript = script('return 1');

/** The lineage of an account that was removed. */
const removed = '0'.repeat(32);

/** Lua's `unpack` fails beyond some 8,000 values. */
const unpackLimit = 4_000;

/**
 * KEYS: state, hashes of records. ARGV: runs of (index of a hash in KEYS, number of fields, fields).
 * Answers the state and then a value for each field, in order.
 */
export const readScript = script(`
local out = { redis.call('GET', KEYS[1]) }
local at, size = 1, #ARGV
local filled = 1
while at < size do
  local key, last = KEYS[tonumber(ARGV[at])], at + 1 + tonumber(ARGV[at + 1])
  at = at + 2
  while at <= last do
    local stop = math.min(last, at + ${unpackLimit} - 1)
    local values = redis.call('HMGET', key, unpack(ARGV, at, stop))
    for i = 1, stop - at + 1 do out[filled + i] = values[i] end
    filled = filled + stop - at + 1
    at = stop + 1
  end
end
return out
`);

/**
 * KEYS: state, change log, staged changes (or the state again where there are none), hashes of records.
 * ARGV: (1) '1' for an authority commit, (2) lineage and counter that are expected, 'none' for no
 * account, a lineage alone for any epoch of it, '' for any, (3) a fresh lineage, (4) '1' when the account has been listed, (5) the entry
 * of the change log, '' when it is too large, (6) its weight, (7) the most that the log may hold,
 * (8) how many values are staged, (9) how many revisions are expected, then these as (hash, field,
 * revision as a double or ''), then the changes as (sign and hash, field, value).
 * Answers the new state, or 'conflict', 'unlisted', 'unstaged'; then nothing was changed.
 */
export const commitScript = script(`
local blank = string.rep(' ', 40)
local state = redis.call('GET', KEYS[1])
local lineage, history, counter, revision, floor, weight = ARGV[3], blank, 0, 0, 0, 0
if state then
  history = state:sub(33, 72)
  counter, revision, floor, weight = struct.unpack('>dddd', state, 73)
  if state:sub(1, 32) == '${removed}' then state = false else lineage = state:sub(1, 32) end
end

local expected = ARGV[2]
if expected == 'none' then
  if state then return 'conflict' end
elseif expected ~= '' then
  local found = state and lineage .. state:sub(73, 80) or ''
  if expected ~= found:sub(1, math.max(#expected, 32)) then return 'conflict' end
end
local at = 10
for _ = 1, tonumber(ARGV[9]) do
  local stored = redis.call('HGET', KEYS[tonumber(ARGV[at])], ARGV[at + 1])
  if ARGV[at + 2] ~= (stored and stored:sub(1, 8) or '') then return 'conflict' end
  at = at + 3
end
if not state and ARGV[4] ~= '1' then return 'unlisted' end
local staged = tonumber(ARGV[8])
if staged > 0 and redis.call('LLEN', KEYS[3]) ~= staged then return 'unstaged' end

local now = standing:match('master_replid:(%x+)') or blank
if #now == 40 and now ~= history then
  if history ~= blank then
    -- No revision may come back that a commit had which this server never got.
    local skipped = 1048576 + tonumber(ARGV[3]:sub(1, 8), 16)
    lineage, floor, weight, revision = ARGV[3], counter, 0, revision + skipped
    redis.call('UNLINK', KEYS[2])
  end
  history = now
end
revision = revision + 1

${keepBefore}
local prefix = struct.pack('>d', revision)
local tag, sign, key, values, size = '', '', '', {}, 0
local function flush()
  if size > 0 then
    keepBefore(key, values, size, sign == '+' and 2 or 1)
    redis.call(sign == '+' and 'HSET' or 'HDEL', key, unpack(values, 1, size))
  end
  size = 0
end
local function change(next, field, value)
  if next ~= tag or size >= ${unpackLimit} then
    flush()
    tag, sign, key = next, next:sub(1, 1), KEYS[tonumber(next:sub(2))]
  end
  size = size + 1
  values[size] = field
  if sign == '+' then
    size = size + 1
    values[size] = prefix .. value
  end
end
for from = 0, staged - 1, 3000 do
  local part = redis.call('LRANGE', KEYS[3], from, from + 2999)
  for i = 1, #part, 3 do change(part[i], part[i + 1], part[i + 2]) end
end
for i = at, #ARGV, 3 do change(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
flush()
if staged > 0 then redis.call('UNLINK', KEYS[3]) end

if ARGV[1] == '1' then
  counter = counter + 1
  local entry, added, most = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
  if entry == '' then
    redis.call('UNLINK', KEYS[2])
    floor, weight = counter, 0
  else
    while floor < counter - 1 and weight + added > most do
      floor = floor + 1
      local oldest = string.format('%.0f', floor)
      local dropped = redis.call('HGET', KEYS[2], oldest)
      if dropped then weight = weight - math.max(1, (struct.unpack('>I4', dropped))) end
      redis.call('HDEL', KEYS[2], oldest)
    end
    redis.call('HSET', KEYS[2], string.format('%.0f', counter), entry)
    weight = weight + added
  end
end

state = lineage .. history .. struct.pack('>dddd', counter, revision, floor, weight)
redis.call('SET', KEYS[1], state)
return state
`);

/**
 * KEYS: state, change log. ARGV: what the hashes of records begin with, lineage, counter.
 * Answers the state (none for no account) and, where the log reaches back to that epoch, each key
 * that was touched since, followed by its value.
 */
export const catchUpScript = script(`
local state = redis.call('GET', KEYS[1])
if not state then return {} end
local counter, _, floor = struct.unpack('>ddd', state, 73)
local since = tonumber(ARGV[3])
if ARGV[2] ~= state:sub(1, 32) or since < floor or since > counter then return { state } end

local seen, out, filled = {}, { state, '' }, 2
local function collect(entry)
  local at = 5
  while at <= #entry do
    local key
    key, at = struct.unpack('>I2c0', entry, at)
    if not seen[key] then
      seen[key] = true
      local tab = key:find('\\t', 1, true)
      out[filled + 1] = key
      out[filled + 2] = redis.call('HGET', ARGV[1] .. key:sub(1, tab - 1), key:sub(tab + 1))
      filled = filled + 2
    end
  end
end
for n = since + 1, counter do
  local entry = redis.call('HGET', KEYS[2], string.format('%.0f', n))
  if entry then collect(entry) end
end
return out
`);

/** Lua that removes every key that matches a glob, an expression, but the first of KEYS. */
export const removeMatching = (glob: string): string => `
do
  local found, cursor = {}, '0'
  repeat
    local page = redis.call('SCAN', cursor, 'MATCH', ${glob}, 'COUNT', 1000)
    cursor = page[1]
    for i = 1, #page[2] do found[#found + 1] = page[2][i] end
  until cursor == '0'
  for i = 1, #found do
    if found[i] ~= KEYS[1] then redis.call('UNLINK', found[i]) end
  end
end`;

/**
 * KEYS: state. ARGV: (1) a glob for every key of the account, (2) the lineage and counter that are expected.
 * Removes every key but the state, of which the revision stays. Answers as the commit script does.
 */
export const removeScript = script(`
local state = redis.call('GET', KEYS[1])
if not state or ARGV[2] ~= state:sub(1, 32) .. state:sub(73, 80) then return 'conflict' end
${removeMatching('ARGV[1]')}
local revision = struct.unpack('>d', state, 81)
state = '${removed}' .. state:sub(33, 72) .. struct.pack('>dddd', 0, revision + 1, 0, 0)
redis.call('SET', KEYS[1], state)
return state
`);
