/**
 * The scripts of snapshots.
 *
 * While a snapshot is being taken, the account has a hash of its own. Its field '' (no record's
 * key is empty) holds the snapshot's id (36 characters) and, as a double, the revision that it is
 * of. Under the key of a record it holds the stored record as it was at that revision, put there
 * by the commit that first replaced or deleted it ({@link keepBefore}, a part of the commit
 * script). The hash expires by itself unless it is renewed.
 */
import { script } from './scripts.ts';

/** The length of a snapshot's id. */
export const snapshotIdLength = 36;

/**
 * Which history the server has; see scripts.ts: a restart changes it, and so does every failover.
 * Blank where it does not say.
 */
const historyOfServer = `
local history = standing:match('master_replid:(%x+)') or ''
`;

/**
 * KEYS: state, the snapshot's hash, hashes of records. ARGV: id, time to live in ms.
 * Answers 'none', 'busy', or the state, the server's history, and how many records each hash has.
 */
export const beginScript = script(`
${historyOfServer}
local state = redis.call('GET', KEYS[1])
if not state or state:sub(1, 32) == string.rep('0', 32) then return { 'none' } end
if redis.call('EXISTS', KEYS[2]) == 1 then return { 'busy' } end
redis.call('HSET', KEYS[2], '', ARGV[1] .. state:sub(81, 88))
redis.call('PEXPIRE', KEYS[2], ARGV[2])
local out = { state, history }
for i = 3, #KEYS do out[i] = redis.call('HLEN', KEYS[i]) end
return out
`);

/**
 * KEYS: the snapshot's hash, a hash to walk. ARGV: id, time to live in ms, the server's history,
 * cursor, count. Answers what HSCAN answers, or nothing when the snapshot is no more.
 */
export const walkScript = script(`
${historyOfServer}
local mark = redis.call('HGET', KEYS[1], '')
if not mark or mark:sub(1, ${snapshotIdLength}) ~= ARGV[1] or history ~= ARGV[3] then return {} end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HSCAN', KEYS[2], ARGV[4], 'COUNT', ARGV[5])
`);

/** KEYS: the snapshot's hash. ARGV: id, time to live in ms; 0 ends the snapshot. */
export const renewScript = script(`
local mark = redis.call('HGET', KEYS[1], '')
if not mark or mark:sub(1, ${snapshotIdLength}) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('UNLINK', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);
