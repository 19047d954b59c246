-- Shared by all scripts. Each of them touches every key that it may change before it changes anything, by reading it or by a first write
-- that a full or read-only server refuses: a script that is stopped half-way is not rolled back, and a server that is handing over a slot
-- of a cluster stops one at the first key that it no longer has.

-- A session is a hash: a field for each of its keys, and META, which no key can be called, for everything else:
--   format version bytes created seen idle absolute persistent [owner subject]
-- Moments are milliseconds since 1970, durations milliseconds, '-' is none, bytes is the size of all keys and values.
local META = '\0'
local SESSION = '^1 (%d+) (%d+) (%-?%d+) (%-?%d+) (%-?%d*) (%-?%d*) ([01])(.*)$'
local NEVER = 253402300799999
local SLACK = 60000

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Numbers as text: Lua's own conversion keeps fourteen digits.
local function text(number)
  return number and string.format('%.0f', number) or '-'
end

local function ends(seen, idle, absolute)
  local by_idle = idle and seen + idle or NEVER
  return math.min(by_idle, absolute or NEVER)
end

-- The session under a key; nil and 'gone', or nil and 'corrupt'. What is only written back stays text: making it anew takes time.
local function find(key, now)
  local meta = redis.call('HGET', key, META)
  if not meta then
    return nil, redis.call('EXISTS', key) == 1 and 'corrupt' or 'gone'
  end
  local version, bytes, created, seen, idle, absolute, persistent, rest = string.match(meta, SESSION)
  if not version then
    return nil, 'corrupt'
  end
  local session = {
    version = version, bytes = bytes, created = created, seen = tonumber(seen), idle = tonumber(idle), absolute = tonumber(absolute),
    expiry = idle .. ' ' .. absolute .. ' ' .. persistent, rest = rest,
  }
  if ends(session.seen, session.idle, session.absolute) <= now then
    return nil, 'gone'
  end
  return session
end

local function head(session)
  return '1 ' .. session.version .. ' ' .. session.bytes .. ' ' .. session.created .. ' ' .. text(session.seen) .. ' ' .. session.expiry
end

-- The expiry that a caller asks for: idle timeout, lifetime, end and persistence in four arguments.
local function resolve(session, from, now)
  local lifetime, absolute = tonumber(ARGV[from + 1]), tonumber(ARGV[from + 2])
  session.idle = tonumber(ARGV[from])
  session.absolute = lifetime and math.min(now + lifetime, absolute or NEVER) or absolute
  session.expiry = text(session.idle) .. ' ' .. text(session.absolute) .. ' ' .. ARGV[from + 3]
end

-- A key is over when the time is later than what it is given, a session already at its moment: hence one less.
local function expire(key, session)
  redis.call('PEXPIREAT', key, text(ends(session.seen, session.idle, session.absolute) - 1))
end

local function index_of(root, session)
  return session.rest ~= '' and root .. 'u/' .. string.sub(session.rest, 2, 23) or nil
end

-- A session in the index of its subject. One of another subject took the handle of one that is over.
local function find_member(root, index, member, now)
  local session, why = find(root .. 's/' .. member, now)
  if session and index_of(root, session) ~= index then
    return nil, 'gone'
  end
  return session, why
end

-- The index of a subject outlives every session in it. A little longer than it must, so that not every touch has to move it.
local function keep(index, session, now)
  local due = ends(session.seen, session.idle, session.absolute)
  local left = redis.call('PTTL', index)
  if left < 0 or now + left < due + SLACK / 2 then
    redis.call('PEXPIREAT', index, text(due + SLACK))
  end
end

-- Ends a session: its place in the index, and the hash.
local function remove(root, key, session)
  local index = session and index_of(root, session)
  if index then
    redis.call('ZREM', index, string.sub(key, -43))
  end
  redis.call('DEL', key)
end

-- Sets fields of a hash, some thousand at a time: more do not fit on Lua's stack.
local function set(key, meta, from, to)
  local last = math.min(from + 1999, to)
  redis.call('HSET', key, META, meta, unpack(ARGV, from, last))
  for first = last + 1, to, 2000 do
    redis.call('HSET', key, unpack(ARGV, first, math.min(first + 1999, to)))
  end
end

