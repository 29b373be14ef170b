-- Stores the envelopes of one group commit as the next entries, except duplicates.
--
-- KEYS     as in history.lua, then the sorted sets that the envelopes are filed in: {…}:runs:… and {…}:rest:…
-- ARGV[1…3] as in lineage.lua
-- ARGV[4]  now
-- ARGV[5]  the latest entry time for what is stored now
-- ARGV[6]  where the dedupe window begins now
-- ARGV[7]  how many entries the dedupe window has
-- ARGV[8]  how many bytes of a sorted set's name stand before the container
-- ARGV[9]  the overhead that each entry counts with
-- ARGV[10] the envelopes: bytes (u32 length), fingerprint u32, time (20 digits), index of the sorted set in KEYS or 0 u32,
--          1 where a call begins u8, dedupe key (u8 length); big-endian
--
-- Returns offset of the first entry stored, their time, the history's total after them, 1 if the dedupe records had to be
-- forgotten; and a list with, for each duplicate, the index of the
-- envelope from 0, and the offset and fingerprint of the first of its kind.
-- Why: offsets without holes, dedupe, the index by container and the entries themselves change in one step or not at all.

-- As many as a call to Redis takes arguments without trouble.
local CHUNK = 1000

local window = tonumber(ARGV[7])
local overhead = tonumber(ARGV[9])
local envelopes = ARGV[10]

local before = redis.call('HMGET', history, 'stored_at', 'ahead', 'dedupe_since', 'reached')
local stored_at, ahead, since, reached = ARGV[4], ARGV[5], ARGV[6], before[4]
-- Another broker's clock may be ahead of this one's; time never falls.
if before[1] > stored_at then stored_at, ahead, since = before[1], before[2], before[3] end

local forgotten = forget_dedupe_if_broken()
local begun_with, newest_info = last, nil
local added, added_keys, of_call, filed, duplicates = {}, {}, {}, {}, {}

local function find(key)
  local place = of_call[key]
  if place then return place end
  place = added[key] or redis.call('HGET', dedupe, key)
  if not place then return nil end
  local offset = tonumber(string.sub(place, 1, PLACE_OFFSET))
  local place_time = string.sub(place, PLACE_OFFSET + 1, PLACE_STORED_AT)
  if not is_within(offset, place_time, last, window, since) then return nil end
  of_call[key] = place
  return place
end

local function remember(key, fingerprint)
  local place = place_text(last, stored_at, fingerprint)
  if not added[key] then added_keys[#added_keys + 1] = key end
  added[key] = place
  of_call[key] = place
end

local function store(envelope, fingerprint, time, set)
  last = last + 1
  if time > ahead then time = ahead end
  if time > reached then reached = time end
  newest_info = stored_at .. reached .. fingerprint
  redis.call('XADD', entries, row_id(last), 'i', newest_info .. string.format('%.0f', total), 'e', envelope)
  total = total + #envelope + overhead
  if set > 0 then
    local offsets = filed[set]
    if not offsets then
      offsets = {}
      filed[set] = offsets
    end
    offsets[#offsets + 1] = string.format('%.0f', last)
  end
end

local position, index = 1, 0
while position <= #envelopes do
  local envelope, fingerprint, time, set, begins_call, key
  envelope, fingerprint, time, set, begins_call, key, position =
    struct.unpack('>I4c0I4c20I4BBc0', envelopes, position)
  if begins_call == 1 then of_call = {} end
  local known = key ~= '' and find(key)
  if known then
    duplicates[#duplicates + 1] = index
    duplicates[#duplicates + 1] = tonumber(string.sub(known, 1, PLACE_OFFSET))
    duplicates[#duplicates + 1] = tonumber(string.sub(known, PLACE_STORED_AT + 1, PLACE_FINGERPRINT))
  else
    local text = string.format('%010.0f', fingerprint)
    store(envelope, text, time, set)
    if key ~= '' then remember(key, text) end
  end
  index = index + 1
end

local new_containers = 0
for set, offsets in pairs(filed) do
  for from = 1, #offsets, CHUNK do
    local members = {}
    for i = from, math.min(from + CHUNK - 1, #offsets) do
      members[#members + 1] = offsets[i]
      members[#members + 1] = offsets[i]
    end
    redis.call('ZADD', KEYS[set], unpack(members))
  end
  local container = string.sub(KEYS[set], tonumber(ARGV[8]) + 1)
  if redis.call('HINCRBY', containers, container, #offsets) == #offsets then
    new_containers = new_containers + 1
  end
end

for from = 1, #added_keys, CHUNK do
  local records, order = {}, {'s', stored_at}
  for i = from, math.min(from + CHUNK - 1, #added_keys) do
    local key = added_keys[i]
    records[#records + 1] = key
    records[#records + 1] = added[key]
    order[#order + 1] = 'k'
    order[#order + 1] = key
  end
  redis.call('HSET', dedupe, unpack(records))
  redis.call('XADD', dedupe_order, string.format('%.0f-%d', last, from), unpack(order))
end

if last > begun_with then
  redis.call('XADD', commits, row_id(last), 'i', newest_info .. string.format('%.0f', total))
  redis.call('HINCRBY', history, 'commits', 1)
  if begun_with == 0 then redis.call('HSET', history, 'first_stored_at', stored_at) end
  redis.call('HSET', history, 'last', last, 'stored_at', stored_at, 'ahead', ahead, 'dedupe_since', since,
    'reached', reached, 'total', string.format('%.0f', total))
  if new_containers > 0 then redis.call('HINCRBY', history, 'containers', new_containers) end
  expire_dedupe(2 + math.floor(#added_keys / CHUNK), last, window, since)
end

return {begun_with + 1, stored_at, total, forgotten and 1 or 0, duplicates}
