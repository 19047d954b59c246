-- Ends the sessions of a subject, those that cannot be read included.
-- KEYS: the index; ARGV: 1 root of the keys, 2 the handle to keep ('' for none)
local root, now = ARGV[1], clock()
local ended, over = {}, {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local _, why = find_member(root, KEYS[1], member, now)
  if why == 'gone' then
    over[#over + 1] = member
  elseif member ~= ARGV[2] then
    ended[#ended + 1] = member
  end
end
for _, member in ipairs(over) do
  redis.call('ZREM', KEYS[1], member)
end
for _, member in ipairs(ended) do
  redis.call('ZREM', KEYS[1], member)
  redis.call('DEL', root .. 's/' .. member)
end
return ended
