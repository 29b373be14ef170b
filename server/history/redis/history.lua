-- Begins every script: the keys of a history, its rows, and whether all of it is there.
--
-- KEYS[1] history       hash: format, epoch; first, last; how many commits, exits, containers; as of the newest entry
--                       stored_at, ahead (the latest entry time), dedupe_since, reached, total; as of the first
--                       first_stored_at, first_total (of all before)
-- KEYS[2] entries       stream <offset>-0: i = stored at, reached, fingerprint, total of all before; e = envelope
-- KEYS[3] commits       stream <offset of a commit's newest entry>-0: i = the same of that entry, but its total with it
-- KEYS[4] exits         stream, rows as in entries: the exits kept from before the first entry
-- KEYS[5] containers    hash: namespace NUL container -> how many entries and kept exits are filed under it
-- KEYS[6] dedupe        hash: dedupe key -> offset, stored at, fingerprint
-- KEYS[7] dedupe-order  stream <offset>-<n>: s = stored at, k = dedupe key, for each that was stored with one up to that offset
-- The commits are there to look at a place without its envelope, which may be large.
--
-- Times are text of 20 digits, because Lua's numbers cannot hold nanoseconds, and because text of digits alone is
-- compared alike in every locale. Sums and offsets are numbers, exact up to 2^53.

local history, entries, commits, exits, containers = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local dedupe, dedupe_order = KEYS[6], KEYS[7]

local function row_id(offset)
  return string.format('%.0f-0', offset)
end

local function offset_of(row)
  return tonumber(string.match(row[1], '^%d+'))
end

local function row_at(stream, offset)
  local id = row_id(offset)
  return redis.call('XRANGE', stream, id, id)[1]
end

local function stored_at_of(row)
  return string.sub(row[2][2], 1, 20)
end

local function reached_of(row)
  return string.sub(row[2][2], 21, 40)
end

local function fingerprint_of(row)
  return string.sub(row[2][2], 41, 50)
end

local function total_of(row)
  return tonumber(string.sub(row[2][2], 51))
end

local state = redis.call('HMGET', history, 'epoch', 'first', 'last', 'exits', 'containers', 'total',
  'format', 'commits')
local first, last, total = tonumber(state[2]), tonumber(state[3]), tonumber(state[6])

-- The name of a key that was removed or changed by somebody else; nil when all is well.
local function lost_key()
  if redis.call('XLEN', entries) ~= last - first + 1 then return entries end
  if redis.call('XLEN', commits) ~= tonumber(state[8]) then return commits end
  if redis.call('XLEN', exits) ~= tonumber(state[4]) then return exits end
  if redis.call('HLEN', containers) ~= tonumber(state[5]) then return containers end
end

