-- Removes entries of `due` that have no record, or whose record has another due time.
--
-- KEYS  records, due: of one partition.
-- ARGV  the mark of the partition, and entries of `due`.
--
-- Returns the number of removed entries.

local records, due = KEYS[1], KEYS[2]

local mark = redis.call('HGET', records, 'store')
if not mark or string.sub(mark, 1, 32) ~= ARGV[1] then
    return redis.error_reply('EMPTIED the records of the store are gone')
end

local removed = 0
for at = 2, #ARGV do
    local kind, time, id = string.match(ARGV[at], '^(%d+):(%d+):(.+)$')
    local value = kind and redis.call('HGET', records, kind .. ':' .. id)
    -- A commit since the caller read the record may have written exactly this entry.
    if not value or string.sub(value, 33, 52) ~= time then
        removed = removed + redis.call('ZREM', due, ARGV[at])
    end
end
return removed
