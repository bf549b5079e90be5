-- Reads a record and the owner's records of some kinds, in one snapshot.
--
-- KEYS  records, index: of one partition.
-- ARGV  the mark of the partition, the field of the record, or '' for none, then an index prefix per kind of the owner.
--
-- Returns fields and values, alternating.

local mark = redis.call('HGET', KEYS[1], 'store')
if not mark or string.sub(mark, 1, 32) ~= ARGV[1] then
    return redis.error_reply('EMPTIED the records of the store are gone')
end
-- Each record has an entry, and the mark has none. Without the entries, users would seem to have no factor.
if redis.call('ZCARD', KEYS[2]) + 1 < redis.call('HLEN', KEYS[1]) then
    return redis.error_reply('INCOMPLETE ' .. KEYS[2] .. ' has fewer entries than the store has records')
end

local answer = {}

local function add(field)
    local value = redis.call('HGET', KEYS[1], field)
    if value then
        answer[#answer + 1] = field
        answer[#answer + 1] = value
    end
end

if ARGV[2] ~= '' then
    add(ARGV[2])
end
for at = 3, #ARGV do
    local kind = string.match(ARGV[at], '^(%d+:)')
    -- ';' is the byte after ':', which ends the prefix.
    local last = '(' .. string.sub(ARGV[at], 1, -2) .. ';'
    for _, entry in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[at], last)) do
        add(kind .. string.sub(entry, #ARGV[at] + 1))
    end
end
return answer
