-- Ends the sessions of a subject, those that cannot be read included.
-- KEYS: the index; ARGV: 1 root of the keys, 2 the handle to keep ('' for none)
local root, now = ARGV[1], clock()
local ended = {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local key = root .. 's/' .. member
  local _, why = find(key, now)
  if why == 'gone' or member ~= ARGV[2] then
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[1], member)
    if why ~= 'gone' then
      ended[#ended + 1] = member
    end
  end
end
return ended
