-- Stores what one group commit has as the next entries, unless duplicates of earlier entries are among it.
--
-- KEYS      as in history.lua, then the lists that the entries are filed in
-- ARGV[1…3] as in lineage.lua
-- ARGV[4]   now
-- ARGV[5]   the latest entry time for what is stored now
-- ARGV[6]   where the dedupe window begins now
-- ARGV[7]   how many entries the dedupe window has
-- ARGV[8]   how many bytes of a list's name stand before the container
-- ARGV[9]   for each list: how many entries u32, and the index of each, from 0, u32; big-endian
-- ARGV[10]  how many rows
-- ARGV[11…] of each row: how many entries, the greatest time of one, fingerprint of the last one, what the byte budget counts of
--           them, and the entries as they are stored, see history.lua
-- then      the dedupe keys of those that have one, packed (u8 length); and for each its index (6 digits) and fingerprint (10)
--
-- Returns STORED, offset of the first entry, their time, and 1 if the dedupe records were lost; or DUPLICATES and, for each: which of the keys it is, from 1, and the offset and fingerprint of the first of its
-- kind. Then nothing was stored, and the caller has what else there is stored without them.
-- Why: offsets without holes, dedupe, the lists of containers and the entries themselves change in one step or not at all.

-- As many arguments as a call to Redis takes without trouble.
local CHUNK = 1000
local ROW, ROW_ARGS = 11, 5

local window, rows = tonumber(ARGV[7]), tonumber(ARGV[10])
local AFTER_ROWS = ROW + rows * ROW_ARGS
local packed_keys, places = ARGV[AFTER_ROWS], ARGV[AFTER_ROWS + 1]

local keys, at = {}, 1
while at <= #packed_keys do
  keys[#keys + 1], at = struct.unpack('Bc0', packed_keys, at)
end

local PLACE = 16

-- Index and fingerprint of the entry with a key.
local function place_of(key)
  return string.sub(places, (key - 1) * PLACE + 1, key * PLACE)
end

local before = redis.call('HMGET', history, 'stored_at', 'ahead', 'dedupe_since', 'reached', 'dedupe', 'dedupe_old', 'dedupe_begun')
local stored_at, ahead, since = ARGV[4], ARGV[5], ARGV[6]
-- Another broker's clock may be ahead of this one's; time never falls.
if before[1] > stored_at then stored_at, ahead, since = before[1], before[2], before[3] end
local records, old_records, begun = tonumber(before[5]), tonumber(before[6]), before[7]

local function find_duplicates()
  local duplicates = {}
  for from = 1, #keys, CHUNK do
    local to = math.min(from + CHUNK - 1, #keys)
    local found = redis.call('HMGET', dedupe, unpack(keys, from, to))
    local old = old_records > 0 and redis.call('HMGET', dedupe_old, unpack(keys, from, to)) or {}
    for i = 1, to - from + 1 do
      local place = found[i] or old[i]
      if place and string.sub(place, 17, 36) >= since then
        local offset = tonumber(string.sub(place, 1, 16)) + tonumber(string.sub(place, 37, 42))
        -- What this commit stores before it counts, too.
        local index = tonumber(string.sub(place_of(from + i - 1), 1, 6))
        if last + index - offset <= window then
          duplicates[#duplicates + 1] = from + i - 1
          duplicates[#duplicates + 1] = offset
          duplicates[#duplicates + 1] = tonumber(string.sub(place, 43, 52))
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

local new_containers, new_namespaces, position = 0, 0, 1
for list = 9, #KEYS do
  local filed
  filed, position = struct.unpack('>I4', ARGV[9], position)
  for from = 1, filed, CHUNK do
    local offsets = {}
    for i = 1, math.min(CHUNK, filed - from + 1) do
      local index
      index, position = struct.unpack('>I4', ARGV[9], position)
      offsets[i] = first_stored + index
    end
    redis.call('RPUSH', KEYS[list], unpack(offsets))
  end
  local container = string.sub(KEYS[list], tonumber(ARGV[8]) + 1)
  if redis.call('HINCRBY', containers, container, filed) == filed then
    new_containers = new_containers + 1
    if redis.call('HINCRBY', namespaces, namespace_of(container), 1) == 1 then new_namespaces = new_namespaces + 1 end
  end
end

-- Whole hashes of records go, when all in them are out of the window: one by one would cost as much as adding them did.
if #keys > 0 and (records > window or begun < since) then
  redis.call('UNLINK', dedupe_old)
  if records > 0 then redis.call('RENAME', dedupe, dedupe_old) end
  old_records, records, begun = records, 0, stored_at
end
local place = string.format('%016.0f', first_stored) .. stored_at
for from = 1, #keys, CHUNK do
  local fields = {}
  for key = from, math.min(from + CHUNK - 1, #keys) do
    fields[#fields + 1] = keys[key]
    fields[#fields + 1] = place .. place_of(key)
  end
  records = records + redis.call('HSET', dedupe, unpack(fields))
end

if first_stored == 1 then redis.call('HSET', history, 'first_stored_at', stored_at) end
redis.call('HSET', history, 'last', last, 'commits', tonumber(state[8]) + rows,
  'containers', tonumber(state[5]) + new_containers, 'namespaces', tonumber(state[9]) + new_namespaces,
  'stored_at', stored_at, 'ahead', ahead, 'dedupe_since', since, 'reached', reached, 'total', string.format('%.0f', total),
  'dedupe', records, 'dedupe_old', old_records, 'dedupe_begun', begun)
return {'STORED', first_stored, stored_at, lost}
