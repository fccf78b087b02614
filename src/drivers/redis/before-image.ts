/**
 * The part of the commit script that keeps, for a snapshot that is being taken, what a commit replaces.
 *
 * It defines `keepBefore(hash, fields, size, step)`, to be called before the fields (every `step`th of
 * the list) are written or deleted. It costs one look-up where no snapshot is being taken.
 */
export const keepBefore = `
local accountPrefix = KEYS[1]:sub(1, -5)
local snapshot = accountPrefix .. 'snapshot'
local snapshotMark = redis.call('HGET', snapshot, '')
local snapshotRevision = snapshotMark and struct.unpack('>d', snapshotMark, 37)
local function keepBefore(hash, fields, size, step)
  if not snapshotRevision then return end
  local collection = hash:sub(#accountPrefix + #'records:' + 1)
  for i = 1, size, step do
    local stored = redis.call('HGET', hash, fields[i])
    if stored and (struct.unpack('>d', stored)) <= snapshotRevision then
      redis.call('HSET', snapshot, collection .. '\\t' .. fields[i], stored)
    end
  end
end
`;
