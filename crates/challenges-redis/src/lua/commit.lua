-- Applies a batch as a whole, or changes nothing.
--
-- KEYS  records, index, due, expires: of one partition.
-- ARGV  the version of the batch and the mark of the partition, then three arguments per write:
--       1. the field of the record
--       2. the expected version, or '' for an absent record
--       3. 'k' to keep the record, 'd' to delete it, or else the value to store
--
-- Returns 1 if the batch was applied by this call or an earlier call with the same version, and 0 on a conflict.

local records, index, due, expires = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local version = ARGV[1]
local none = '--------------------'

local mark = redis.call('HGET', records, 'store')
if not mark or string.sub(mark, 1, 32) ~= ARGV[2] then
    return redis.error_reply('EMPTIED the records of the store are gone')
end
-- Each record has an entry, and the mark has none.
if redis.call('ZCARD', index) + 1 < redis.call('HLEN', records) then
    return redis.error_reply('INCOMPLETE ' .. index .. ' has fewer entries than the store has records')
end

local stored, conflict = {}, false
for at = 3, #ARGV, 3 do
    local value = redis.call('HGET', records, ARGV[at])
    local found = value and string.sub(value, 1, 32) or ''
    if found == version then
        return 1
    end
    conflict = conflict or found ~= ARGV[at + 1]
    stored[at] = value
end
if conflict then
    return 0
end

-- Moves an entry from one time to another. `none` stands for no time.
local function move(set, before, after, old, new)
    if old ~= new then
        if old ~= none then
            redis.call('ZREM', set, before .. old .. after)
        end
        if new ~= none then
            redis.call('ZADD', set, 0, before .. new .. after)
        end
    end
end

for at = 3, #ARGV, 3 do
    local field, value = ARGV[at], ARGV[at + 2]
    if value ~= 'k' then
        local old_due, old_expires, new_due, new_expires = none, none, none, none
        local kind, id = string.match(field, '^(%d+):(.+)$')
        local entry = kind .. ':' .. string.sub(id, 8, 18) .. ':' .. id
        local before = stored[at]
        if before then
            old_due, old_expires = string.sub(before, 33, 52), string.sub(before, 53, 72)
        end
        if value ~= 'd' then
            new_due, new_expires = string.sub(value, 33, 52), string.sub(value, 53, 72)
            redis.call('HSET', records, field, value)
            if not before then
                redis.call('ZADD', index, 0, entry)
            end
        elseif before then
            redis.call('HDEL', records, field)
            redis.call('ZREM', index, entry)
        end
        move(due, kind .. ':', ':' .. id, old_due, new_due)
        move(expires, '', ':' .. field, old_expires, new_expires)
    end
end
return 1
