-- Reads records in the order of the index, one partition after the other, up to a limit.
--
-- KEYS  records, index: of each partition.
-- ARGV  where to begin and to end in every index, and the limit.
--
-- Answers fields and their values in turn.

local answer, room = {}, tonumber(ARGV[3])
for at = 1, #KEYS, 2 do
    if room <= 0 then
        break
    end
    for _, entry in ipairs(redis.call('ZRANGEBYLEX', KEYS[at + 1], ARGV[1], ARGV[2], 'LIMIT', 0, room)) do
        local field = string.gsub(entry, '^(%d+):[^:]+:', '%1:')
        answer[#answer + 1] = field
        answer[#answer + 1] = redis.call('HGET', KEYS[at], field)
        room = room - 1
    end
end
return answer
