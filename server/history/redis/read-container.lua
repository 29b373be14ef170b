-- Entries or kept exits of one container, in the order of their offsets.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- KEYS[8] the list of those of its lifecycle, KEYS[9] that of the rest
-- ARGV[4] entries or exits
-- ARGV[5] after this offset
-- ARGV[6] up to this one, for entries
-- ARGV[7] how many at most
-- ARGV[8] stops after the one whose envelope makes it so many bytes
-- ARGV[9] life for those of its lifecycle alone, else all
-- ARGV[10] the container, as in the containers hash
--
-- Returns offset, stored at and fingerprint (30 digits), envelope of each. Fails with TRIMMED and the first offset when
-- entries after ARGV[5] were trimmed, in the container or not, and with LOST when the lists are not whole.
-- Why: the lists and the entries must be of one moment, or trimming in between would look like damage.

local PAGE = 100

local of_entries = ARGV[4] == 'entries'
local after, most, most_bytes = tonumber(ARGV[5]), tonumber(ARGV[7]), tonumber(ARGV[8])
if of_entries and after < first - 1 then return redis.error_reply(string.format('TRIMMED %.0f', first)) end
local to = of_entries and tonumber(ARGV[6]) or first - 1

local filed = tonumber(redis.call('HGET', containers, ARGV[10]) or 0)
if redis.call('LLEN', KEYS[8]) + redis.call('LLEN', KEYS[9]) ~= filed then return redis.error_reply('LOST lists') end

-- Gives the offsets of a list after `after`, one with each call, then nil.
local function offsets_in(list)
  local low, high = 0, redis.call('LLEN', list)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if tonumber(redis.call('LINDEX', list, middle)) > after then high = middle else low = middle + 1 end
  end
  local page, at = {}, 1
  return function()
    if at > #page then
      page, at = redis.call('LRANGE', list, low, low + PAGE - 1), 1
      low = low + PAGE
    end
    at = at + 1
    return tonumber(page[at - 1])
  end
end

local next_life = offsets_in(KEYS[8])
local next_rest = ARGV[9] == 'life' and function() end or offsets_in(KEYS[9])
local life, rest = next_life(), next_rest()

-- The lower of the next offsets of the two.
local function next_offset()
  local offset
  if life and (not rest or life < rest) then
    offset, life = life, next_life()
  else
    offset, rest = rest, next_rest()
  end
  return offset
end

local commit, packed
-- Several of a container's entries are often in one commit.
local function entry_at(offset)
  if not commit or offset_of(commit) < offset then
    commit = commit_at(offset)
    packed = redis.call('XRANGE', entries, commit[1], commit[1])[1][2][2]
  end
  local count = struct.unpack('>I4', packed)
  local index = offset - (offset_of(commit) - count + 1)
  local header = 5 + index * 16
  local begins = index == 0 and 0 or struct.unpack('>I4', packed, header - 16)
  local ends, fingerprint = struct.unpack('>I4I4', packed, header)
  local envelopes = 4 + count * 16
  return stored_at_of(commit) .. string.format('%010.0f', fingerprint),
    string.sub(packed, envelopes + begins + 1, envelopes + ends)
end

local function exit_at(offset)
  local row = redis.call('XRANGE', exits, row_id(offset), row_id(offset))[1]
  return row[2][2], row[2][4]
end

local rows, count, bytes = {}, 0, 0
while count == 0 or count < most and bytes < most_bytes do
  local offset = next_offset()
  if not offset or offset > to then break end
  local info, envelope
  if of_entries then info, envelope = entry_at(offset) else info, envelope = exit_at(offset) end
  rows[#rows + 1] = offset
  rows[#rows + 1] = info
  rows[#rows + 1] = envelope
  count = count + 1
  bytes = bytes + #envelope
end
return rows
