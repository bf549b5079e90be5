//! The scripts of the floor, hand-written for a single server.

/// Compares the version of each record, and then writes.
///
/// KEYS: the indices by expiry and by due time, then a hash per write. ARGV: five per write: the field, the expected
/// version or '', the value (a version of 32 characters and the body, or 'k' to keep, or 'd' to delete), and the times, or
/// ''. Returns 1 if applied, and 0 on a conflict.
pub(crate) const COMMIT: &str = r"
local call = redis.call
for at = 3, #KEYS do
    local found = call('HGET', KEYS[at], ARGV[at * 5 - 14])
    if (found and string.sub(found, 1, 32) or '') ~= ARGV[at * 5 - 13] then return 0 end
end
for at = 3, #KEYS do
    local first = at * 5 - 14
    local field, value, expires, due = ARGV[first], ARGV[first + 2], ARGV[first + 3], ARGV[first + 4]
    local member = KEYS[at] .. field
    if value == 'd' then
        call('HDEL', KEYS[at], field)
        call('ZREM', KEYS[1], member)
        call('ZREM', KEYS[2], member)
    elseif value ~= 'k' then
        call('HSET', KEYS[at], field, value)
        if expires ~= '' then call('ZADD', KEYS[1], expires, member) end
        if due ~= '' then call('ZADD', KEYS[2], due, member) end
    end
end
return 1";

/// Reads a record, unless the field is empty, and whole hashes, in one snapshot.
///
/// KEYS: the hash of the record, then the other hashes. ARGV: the field.
pub(crate) const LOAD: &str = r"
local found = {}
if ARGV[1] ~= '' then found[1] = redis.call('HGET', KEYS[1], ARGV[1]) end
for at = 2, #KEYS do found[#found + 1] = redis.call('HGETALL', KEYS[at]) end
return found";

/// Deletes expired records.
///
/// KEYS: the index by expiry, then a hash per record. ARGV: a field per record. Returns the number of records.
pub(crate) const PURGE: &str = r"
for at = 2, #KEYS do
    redis.call('HDEL', KEYS[at], ARGV[at - 1])
    redis.call('ZREM', KEYS[1], KEYS[at] .. ARGV[at - 1])
end
return #KEYS - 1";
