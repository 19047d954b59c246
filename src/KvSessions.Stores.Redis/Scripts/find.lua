-- Reads sessions of a subject in order of their handles, and forgets those that are over.
-- KEYS: the index; ARGV: 1 root of the keys, 2 the handle after which to begin ('' for the first), 3 how many
local root, limit, now = ARGV[1], tonumber(ARGV[3]), clock()
local from = ARGV[2] == '' and '-' or '(' .. ARGV[2]
local found = {}
repeat
  local members = redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, 100)
  for _, member in ipairs(members) do
    local _, why = find_member(root, KEYS[1], member, now)
    if why == 'gone' then
      redis.call('ZREM', KEYS[1], member)
    else
      found[#found + 1] = { member, redis.call('HGETALL', root .. 's/' .. member) }
      if #found == limit then
        return found
      end
    end
    from = '(' .. member
  end
until #members < 100
return found
