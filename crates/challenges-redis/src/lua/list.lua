-- Reads records in index order, partition by partition, up to a limit. Removes entries that have no record.
--
-- KEYS  records, index: of each partition.
-- ARGV  the start and the end of the index range, the limit, and the mark of each partition.
--
-- Returns fields and values, alternating.

local answer, room = {}, tonumber(ARGV[3])
for at = 1, #KEYS, 2 do
    if room <= 0 then
        break
    end
    local records, index = KEYS[at], KEYS[at + 1]
    local mark = redis.call('HGET', records, 'store')
    if not mark or string.sub(mark, 1, 32) ~= ARGV[3 + (at + 1) / 2] then
        return redis.error_reply('EMPTIED the records of the store are gone')
    end
    -- Each record has an entry, and the mark has none.
    if redis.call('ZCARD', index) + 1 < redis.call('HLEN', records) then
        return redis.error_reply('INCOMPLETE ' .. index .. ' has fewer entries than the store has records')
    end
    local start = ARGV[1]
    repeat
        local entries = redis.call('ZRANGEBYLEX', index, start, ARGV[2], 'LIMIT', 0, room)
        local is_full = #entries == room
        for _, entry in ipairs(entries) do
            local field = string.gsub(entry, '^(%d+):[^:]+:', '%1:')
            local value = redis.call('HGET', records, field)
            if value then
                answer[#answer + 1] = field
                answer[#answer + 1] = value
                room = room - 1
            else
                redis.call('ZREM', index, entry)
            end
            start = '(' .. entry
        end
    until room <= 0 or not is_full
end
return answer
