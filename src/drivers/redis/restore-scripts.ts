/**
 * The scripts that fill a store.
 *
 * The mark of the whole store is a hash: `id` of who fills it, `began` (ms), and `phase`. In
 * `checking` nothing was written yet, and what the store holds is its own; in `filling` all of it
 * comes from a restore; in `publishing` all of it is whole, and accounts become visible one by
 * one. An account that is being filled has a hash, too: `id`, and, once it is whole, `ready`: its
 * lineage, epoch counter and revision.
 */
import { removeMatching, script } from './scripts.ts';

/** A process that dies while it looks whether a store is empty must not be in the way of that store for long. */
const checkingTtlMs = 60 * 1_000;

/**
 * KEYS: the accounts' names, the mark. ARGV: a name.
 * Lists an account that is about to be made; answers 0 where the store is being filled.
 */
export const listScript = script(`
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SADD', KEYS[1], ARGV[1])
return 1
`);

/**
 * KEYS: the mark. ARGV: the id that it must have ('' for no mark), the id and the phase to set, the
 * time. Answers 0 where the mark is another.
 */
export const markScript = script(`
local id = redis.call('HGET', KEYS[1], 'id')
if (id or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'id', ARGV[2], 'phase', ARGV[3])
redis.call('HSETNX', KEYS[1], 'began', ARGV[4])
if ARGV[3] == 'checking' then redis.call('PEXPIRE', KEYS[1], ${checkingTtlMs}) else redis.call('PERSIST', KEYS[1]) end
return 1
`);

/** KEYS: the mark. ARGV: its id. */
export const unmarkScript = script(`
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

const liveState = `
local state = redis.call('GET', KEYS[1])
local live = state and state:sub(1, 32) ~= string.rep('0', 32)
`;

/**
 * KEYS: state, the account's mark. ARGV: id, a glob of everything in the account.
 * Removes what is in the account and marks it; answers its revision, or 'live'.
 */
export const beginAccountScript = script(`
${liveState}
if live then return 'live' end
${removeMatching('ARGV[2]')}
if ARGV[1] ~= '' then redis.call('HSET', KEYS[2], 'id', ARGV[1]) end
return state and state:sub(81, 88) or struct.pack('>d', 0)
`);

/**
 * KEYS: the account's mark, hashes of records. ARGV: id, revision as a double, then the records as
 * (hash, field, value). Answers 0 where the mark is another.
 */
export const fillScript = script(`
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
for i = 3, #ARGV, 3 do
  redis.call('HSET', KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[2] .. ARGV[i + 2])
end
return 1
`);

/** KEYS: the account's mark. ARGV: id, what `ready` is to be. Answers 0 where the mark is another. */
export const readyScript = script(`
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'ready', ARGV[2])
return 1
`);

/** KEYS: state, the account's mark. Answers the state, 'live', or 'none' where there is nothing to publish. */
export const publishScript = script(`
${liveState}
local ready = redis.call('HGET', KEYS[2], 'ready')
if not ready then return 'none' end
if live then return 'live' end
local history = standing:match('master_replid:(%x+)') or ''
if #history ~= 40 then history = string.rep(' ', 40) end
local counter, revision = struct.unpack('>dd', ready, 33)
state = ready:sub(1, 32) .. history .. struct.pack('>dddd', counter, revision, counter, 0)
redis.call('SET', KEYS[1], state)
redis.call('UNLINK', KEYS[2])
return state
`);
