-- Reads records in index order, partition by partition, up to a limit.
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
    local mark = redis.call('HGET', KEYS[at], 'store')
    if not mark or string.sub(mark, 1, 32) ~= ARGV[3 + (at + 1) / 2] then
        return redis.error_reply('EMPTIED the records of the store are gone')
    end
    -- Each record has an entry, and the mark has none.
    if redis.call('ZCARD', KEYS[at + 1]) + 1 < redis.call('HLEN', KEYS[at]) then
        return redis.error_reply('INCOMPLETE ' .. KEYS[at + 1] .. ' has fewer entries than the store has records')
    end
    for _, entry in ipairs(redis.call('ZRANGEBYLEX', KEYS[at + 1], ARGV[1], ARGV[2], 'LIMIT', 0, room)) do
        local field = string.gsub(entry, '^(%d+):[^:]+:', '%1:')
        answer[#answer + 1] = field
        answer[#answer + 1] = redis.call('HGET', KEYS[at], field)
        room = room - 1
    end
end
return answer
