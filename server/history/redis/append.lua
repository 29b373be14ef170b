-- Stores a group commit as the next entries, unless it contains duplicates of earlier entries.
--
-- KEYS      as in history.lua, then the lists that the entries belong to
-- ARGV[1…3] as in lineage.lua
-- ARGV[4]   now
-- ARGV[5]   the latest entry time for an entry that is stored now
-- ARGV[6]   where the dedupe window begins now
-- ARGV[7]   number of seconds by which the caller's clock may differ from that of Redis, or ''
-- ARGV[8]   age of the dedupe window in seconds
-- ARGV[9]   number of entries in the dedupe window
-- ARGV[10]  number of bytes before the path in a list's name
-- ARGV[11]  for each list: number of entries u32, and the index of each, from 0, u32; big-endian
-- ARGV[12]  number of rows
-- ARGV[13…] for each row: number of entries, the greatest time of one, fingerprint of the last
--           one, sum of their sizes, and the entries packed as in history.lua
-- then      the dedupe keys, packed (length u8 before each); and for each the index of its entry
--           (6 digits) and fingerprint (10)
--
-- Returns STORED, offset of the first entry, their time, 1 if dedupe records were lost, and 1 if
-- the clock of Redis counted because the caller's differs too much. Or returns DUPLICATES and for
-- each: number of the dedupe key, from 1, offset and fingerprint of the
-- original. Then nothing was stored, and the caller tries again without the duplicates.
--
-- Offsets without holes, dedupe records, lists and entries change in one step or not at all.

-- Lua's unpack has a limit of some thousand values.
local CHUNK = 1000
local ROW, ROW_ARGS = 13, 5
-- How far ahead of the time when it is stored the time of an entry counts, as in entry-time.ts.
local AHEAD_SECONDS = 86400

local window, rows = tonumber(ARGV[9]), tonumber(ARGV[12])
local AFTER_ROWS = ROW + rows * ROW_ARGS
local packed_keys, origins = ARGV[AFTER_ROWS], ARGV[AFTER_ROWS + 1]

local keys, at = {}, 1
while at <= #packed_keys do
  keys[#keys + 1], at = struct.unpack('Bc0', packed_keys, at)
end

local ORIGIN_BYTES = 16

-- Returns index and fingerprint of the entry with a dedupe key.
local function origin_of(key)
  return string.sub(origins, (key - 1) * ORIGIN_BYTES + 1, key * ORIGIN_BYTES)
end

-- Returns the sum of a time of the command TIME and some seconds as 20 digits. They count from
-- 2^63 ns before 1970, so that all are positive.
local function sortable_time(time, seconds)
  local nanos = tonumber(time[2]) * 1000 + 854775808
  local whole = tonumber(time[1]) + seconds + 9223372036
  if nanos >= 1e9 then whole, nanos = whole + 1, nanos - 1e9 end
  return string.format('%011.0f%09.0f', whole, nanos)
end

local before = redis.call('HMGET', history, 'stored_at', 'ahead', 'dedupe_since', 'reached', 'dedupe', 'dedupe_old', 'dedupe_begun')
local stored_at, ahead, since = ARGV[4], ARGV[5], ARGV[6]
local is_clock_wrong = 0
if ARGV[7] ~= '' then
  local time, tolerance = redis.call('TIME'), tonumber(ARGV[7])
  if stored_at < sortable_time(time, -tolerance) or stored_at > sortable_time(time, tolerance) then
    stored_at, ahead = sortable_time(time, 0), sortable_time(time, AHEAD_SECONDS)
    since = sortable_time(time, -tonumber(ARGV[8]))
    is_clock_wrong = 1
  end
end
-- Another broker's clock may be ahead of the caller's, and stored times never fall.
if before[1] > stored_at then stored_at, ahead, since = before[1], before[2], before[3] end
local records, old_records, begun = tonumber(before[5]), tonumber(before[6]), before[7]

local function find_duplicates()
  local duplicates = {}
  for from = 1, #keys, CHUNK do
    local to = math.min(from + CHUNK - 1, #keys)
    local found = redis.call('HMGET', dedupe, unpack(keys, from, to))
    local old = old_records > 0 and redis.call('HMGET', dedupe_old, unpack(keys, from, to)) or {}
    for i = 1, to - from + 1 do
      local record = found[i] or old[i]
      if record and string.sub(record, 17, 36) >= since then
        local offset = tonumber(string.sub(record, 1, 16)) + tonumber(string.sub(record, 37, 42))
        -- Entries that this commit stores before it count, too.
        local index = tonumber(string.sub(origin_of(from + i - 1), 1, 6))
        if last + index - offset <= window then
          duplicates[#duplicates + 1] = from + i - 1
          duplicates[#duplicates + 1] = offset
          duplicates[#duplicates + 1] = tonumber(string.sub(record, 43, 52))
        end
      end
    end
  end
  return duplicates
end

local lost = 0
if redis.call('HLEN', dedupe) ~= records or redis.call('HLEN', dedupe_old) ~= old_records then
  redis.call('DEL', dedupe, dedupe_old)
  records, old_records, lost = 0, 0, 1
end
local duplicates = find_duplicates()
if #duplicates > 0 then return {'DUPLICATES', duplicates} end

local first_stored, reached = last + 1, before[4]
for row = ROW, AFTER_ROWS - 1, ROW_ARGS do
  local count, latest, fingerprint, bytes, packed = unpack(ARGV, row, row + ROW_ARGS - 1)
  if latest > ahead then latest = ahead end
  if latest > reached then reached = latest end
  last = last + tonumber(count)
  total = total + tonumber(bytes)
  redis.call('XADD', entries, row_id(last), 'e', packed)
  redis.call('XADD', commits, row_id(last), 'i', stored_at .. reached .. fingerprint .. string.format('%.0f', total))
end

local new_paths, new_groups, position = 0, 0, 1
for list = 9, #KEYS do
  local count
  count, position = struct.unpack('>I4', ARGV[11], position)
  for from = 1, count, CHUNK do
    local offsets = {}
    for i = 1, math.min(CHUNK, count - from + 1) do
      local index
      index, position = struct.unpack('>I4', ARGV[11], position)
      offsets[i] = first_stored + index
    end
    redis.call('RPUSH', KEYS[list], unpack(offsets))
  end
  local path = string.sub(KEYS[list], tonumber(ARGV[10]) + 1)
  if redis.call('HINCRBY', containers, path, count) == count then
    new_paths = new_paths + 1
    if redis.call('HINCRBY', namespaces, group_of(path), 1) == 1 then new_groups = new_groups + 1 end
  end
end

-- Records expire as whole hashes: removing them one by one would cost as much as adding them.
if #keys > 0 and (records > window or begun < since) then
  redis.call('UNLINK', dedupe_old)
  if records > 0 then redis.call('RENAME', dedupe, dedupe_old) end
  old_records, records, begun = records, 0, stored_at
end
local origin = string.format('%016.0f', first_stored) .. stored_at
for from = 1, #keys, CHUNK do
  local fields = {}
  for key = from, math.min(from + CHUNK - 1, #keys) do
    fields[#fields + 1] = keys[key]
    fields[#fields + 1] = origin .. origin_of(key)
  end
  records = records + redis.call('HSET', dedupe, unpack(fields))
end

if first_stored == 1 then redis.call('HSET', history, 'first_stored_at', stored_at) end
redis.call('HSET', history, 'last', last, 'commits', tonumber(state[8]) + rows,
  'containers', tonumber(state[5]) + new_paths, 'namespaces', tonumber(state[9]) + new_groups,
  'stored_at', stored_at, 'ahead', ahead, 'dedupe_since', since, 'reached', reached, 'total', string.format('%.0f', total),
  'dedupe', records, 'dedupe_old', old_records, 'dedupe_begun', begun)
return {'STORED', first_stored, stored_at, lost, is_clock_wrong}
