-- Finds the entries that exceed the retention now.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] number of entries that may stay, or ''
-- ARGV[5] number of bytes that may stay, or ''
-- ARGV[6] entries stored before this time go, or ''
-- ARGV[7] kept lasting entries stored before this time go, or ''
-- ARGV[8] the overhead that is added to the size of each entry
-- ARGV[9] number of bytes of kept lasting entries that may stay, or ''
-- ARGV[10…] for each hold: the offset after which entries stay, and how many bytes of them at most
--
-- Returns first, the first offset that stays, 1 if kept lasting entries are over their age, and
-- the number of bytes by which they are over their limit.
-- The newest entry always stays, and so do those that the caller has not delivered.

local delivered = tonumber(ARGV[2])

-- Returns the first offset in a commit from which on at most so many bytes follow.
local function first_within(commit, bytes)
  local packed = redis.call('XRANGE', entries, commit[1], commit[1])[1][2][2]
  local count = struct.unpack('>I4', packed)
  local newest = offset_of(commit)
  local body = #packed - 4 - count * 16
  -- Size of an entry and of all that follow, in the commit and after it.
  local function total_from(index)
    local begins = index == 0 and 0 or struct.unpack('>I4', packed, 5 + (index - 1) * 16)
    return total - total_of(commit) + body - begins + (count - index) * tonumber(ARGV[8])
  end
  local low, high = 0, count
  while low < high do
    local middle = math.floor((low + high) / 2)
    if total_from(middle) <= bytes then high = middle else low = middle + 1 end
  end
  return newest - count + 1 + low
end

-- Returns the first offset from which on at most so many bytes follow.
local function first_of_last(bytes)
  local commit = first_commit(last, function(row) return total - total_of(row) <= bytes end)
  return commit and first_within(commit, bytes) or first
end

local point = first
if ARGV[4] ~= '' then point = math.max(point, last - tonumber(ARGV[4]) + 1) end
if ARGV[5] ~= '' then point = math.max(point, first_of_last(tonumber(ARGV[5]))) end
if ARGV[6] ~= '' then
  local commit = first_commit(last, function(row) return stored_at_of(row) >= ARGV[6] end)
  local before = commit and redis.call('XREVRANGE', commits, '(' .. commit[1], '-', 'COUNT', 1)[1]
  if before then point = math.max(point, offset_of(before) + 1) end
  if not commit then point = last end
end
for i = 10, #ARGV, 2 do
  local held = tonumber(ARGV[i]) + 1
  if held < point then point = math.min(point, math.max(held, first_of_last(tonumber(ARGV[i + 1])))) end
end
point = math.max(first, math.min(point, last, delivered))

local oldest = redis.call('XRANGE', exits, '-', '+', 'COUNT', 1)[1]
local is_over_age = ARGV[7] ~= '' and oldest and stored_at_of(oldest) < ARGV[7]
local excess = ARGV[9] ~= '' and lasting_bytes(tonumber(ARGV[8])) - tonumber(ARGV[9]) or 0
return {first, point, is_over_age and 1 or 0, math.max(0, excess)}
