-- Ends a session, one that cannot be read included.
-- KEYS: the session; ARGV: root of the keys
local session, why = find(KEYS[1], clock())
if why == 'gone' then
  return 0
end
remove(ARGV[1], KEYS[1], session)
return 1
