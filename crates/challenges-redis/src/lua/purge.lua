-- Deletes expired records, unless their expiry has changed since the caller read the index.
--
-- KEYS  records, index, due, expires: of one partition.
-- ARGV  entries of `expires`.
--
-- Returns the number of deleted records.

local records, index, due, expires = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local deleted = 0
for _, expired in ipairs(ARGV) do
    -- The entry contains the time, so a missing entry means that the expiry has changed.
    if redis.call('ZREM', expires, expired) == 1 then
        local time, kind, id = string.match(expired, '^(%d+):(%d+):(.+)$')
        -- Anything else is no entry of this library.
        if kind then
            local field = kind .. ':' .. id
            local value = redis.call('HGET', records, field)
            -- A record with another expiry has an entry of its own, and only somebody else wrote this entry.
            if value and string.sub(value, 53, 72) == time then
                redis.call('HDEL', records, field)
                redis.call('ZREM', index, kind .. ':' .. string.sub(id, 8, 18) .. ':' .. id)
                redis.call('ZREM', due, kind .. ':' .. string.sub(value, 33, 52) .. ':' .. id)
                deleted = deleted + 1
            end
        end
    end
end
return deleted
