-- Adds a session, in place of another one or within a limit of its subject's sessions where that is asked for; all or nothing.
-- KEYS: the session; the session it replaces, if any; the index of its subject, if any
-- ARGV: 1 root of the keys, 2 whether it replaces one, 3 version, 4 bytes, 5 created, 6-9 expiry, 10 owner, 11 subject,
--       12 the most sessions of the subject ('' for any number), 13 whether the oldest make room, 14... field and value
local root, replaces, now = ARGV[1], ARGV[2] == '1', clock()
local old, why
if replaces then
  old, why = find(KEYS[2], now)
  if not old then
    return why
  end
  if tonumber(ARGV[3]) ~= old.version + 1 then
    return 'conflict'
  end
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 'conflict'
end
if old and index_of(root, old) then
  redis.call('ZCARD', index_of(root, old))
end

local session = {
  version = ARGV[3], bytes = ARGV[4], created = text(math.min(tonumber(ARGV[5]), now)), seen = now,
  rest = ARGV[10] ~= '' and ' ' .. ARGV[10] .. ' ' .. ARGV[11] or '',
}
resolve(session, 6, now)
local index = session.rest ~= '' and KEYS[#KEYS] or nil
local handle = string.sub(KEYS[1], -43)
local evicted, over = {}, {}
if index and ARGV[12] == '' then
  -- Some that are over go with each one that comes, so that the index of a subject that is never looked at does not grow for ever.
  for _, member in ipairs(redis.call('ZRANDMEMBER', index, 3)) do
    local _, state = find_member(root, index, member, now)
    if state == 'gone' then
      over[#over + 1] = member
    end
  end
end
if index and ARGV[12] ~= '' then
  local others = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if not (replaces and member == string.sub(KEYS[2], -43)) then
      local other, state = find_member(root, index, member, now)
      if state == 'gone' then
        over[#over + 1] = member
      else
        -- What cannot be read counts, and is the last to go.
        others[#others + 1] = { handle = member, created = other and tonumber(other.created) or NEVER, session = other }
      end
    end
  end
  local surplus = #others + 1 - tonumber(ARGV[12])
  if surplus > 0 and ARGV[13] ~= '1' then
    return 'refused'
  end
  table.sort(others, function(x, y)
    return x.created < y.created or (x.created == y.created and x.handle < y.handle)
  end)
  for i = 1, math.min(surplus, #others) do
    evicted[i] = others[i].handle
  end
end

-- The index before the session: whatever stops this script, no session is there that is not in its index.
local lives = ends(session.seen, session.idle, session.absolute) > now
if lives then
  if index then
    redis.call('ZADD', index, 0, handle)
    keep(index, session, now)
  end
  set(KEYS[1], head(session) .. session.rest, 14, #ARGV)
  expire(KEYS[1], session)
end
if old then
  remove(root, KEYS[2], old)
end
for _, member in ipairs(evicted) do
  redis.call('DEL', root .. 's/' .. member)
  redis.call('ZREM', index, member)
end
-- Last: once a script has removed something, a full server runs the rest of it as well, and would take a session that it should refuse.
for _, member in ipairs(over) do
  if member ~= handle then
    redis.call('ZREM', index, member)
  end
end
table.insert(evicted, 1, head(session))
return evicted
