-- Applies changes to a session; a touch is a save that changes nothing.
-- KEYS: the session
-- ARGV: 1 root of the keys, 2 expected version ('' for any), 3 whether values change, 4 whether all go first, 5 most keys, 6 most bytes,
--       7 whether the expiry changes, 8-11 expiry, 12 number of keys to set, 13... key and value, then the keys to remove
local key, root, now = KEYS[1], ARGV[1], clock()
local session, why = find(key, now)
if not session then
  return why
end
if ARGV[2] ~= '' and ARGV[2] ~= session.version then
  return 'conflict'
end

local changes, clears, expires = ARGV[3] == '1', ARGV[4] == '1', ARGV[7] == '1'
local last = 12 + 2 * tonumber(ARGV[12])
local stale = {}
if changes then
  local keys, bytes = 0, 0
  if clears then
    local sets = { [META] = true }
    for i = 13, last, 2 do
      sets[ARGV[i]] = true
      keys, bytes = keys + 1, bytes + #ARGV[i] + #ARGV[i + 1]
    end
    for _, field in ipairs(redis.call('HKEYS', key)) do
      if not sets[field] then
        stale[#stale + 1] = field
      end
    end
  else
    keys, bytes = redis.call('HLEN', key) - 1, tonumber(session.bytes)
    for i = 13, last, 2 do
      local size = redis.call('HSTRLEN', key, ARGV[i])
      if size > 0 or redis.call('HEXISTS', key, ARGV[i]) == 1 then
        bytes = bytes + #ARGV[i + 1] - size
      else
        keys, bytes = keys + 1, bytes + #ARGV[i] + #ARGV[i + 1]
      end
    end
    for i = last + 1, #ARGV do
      if redis.call('HEXISTS', key, ARGV[i]) == 1 then
        keys, bytes = keys - 1, bytes - #ARGV[i] - redis.call('HSTRLEN', key, ARGV[i])
        stale[#stale + 1] = ARGV[i]
      end
    end
  end
  if keys > tonumber(ARGV[5]) or bytes > tonumber(ARGV[6]) then
    return { 'over', keys, bytes }
  end
  session.bytes = text(bytes)
end

session.seen = math.max(session.seen, now)
if changes or expires then
  session.version = text(session.version + 1)
end
if expires then
  resolve(session, 8, now)
end
if ends(session.seen, session.idle, session.absolute) <= now then
  remove(root, key, session)
  return head(session)
end

local index, result = index_of(root, session), head(session)
if index then
  redis.call('ZADD', index, 0, string.sub(key, -43))
  keep(index, session, now)
end
set(key, result .. session.rest, 13, last)
expire(key, session)
for _, field in ipairs(stale) do
  redis.call('HDEL', key, field)
end
return result
