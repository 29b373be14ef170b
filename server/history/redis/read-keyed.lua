-- Entries or kept exits of some containers, in the order of their offsets.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- KEYS[9…]  of each container the list of those of its lifecycle, and that of the rest
-- ARGV[4] entries or exits
-- ARGV[5] after this offset
-- ARGV[6] up to this one
-- ARGV[7] how many at most
-- ARGV[8] stops after the one whose envelope makes it so many bytes
-- ARGV[9] life for those of the lifecycle alone, else all
-- ARGV[10…] the containers, as in the containers hash
--
-- Returns offset, stored at and fingerprint (30 digits), envelope of each. Fails with TRIMMED and the first offset when
-- entries after ARGV[5] were trimmed, in the containers or not, and with LOST when the lists are not whole.
-- Why: the lists and the entries must be of one moment, or trimming in between would look like damage.

local PAGE = 100

local of_entries = ARGV[4] == 'entries'
local after, most, most_bytes = tonumber(ARGV[5]), tonumber(ARGV[7]), tonumber(ARGV[8])
if of_entries and after < first - 1 then return redis.error_reply(string.format('TRIMMED %.0f', first)) end
local to = tonumber(ARGV[6])
if not of_entries then to = math.min(to, first - 1) end

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

-- Of each list what gives the offsets after `offset`, the next one.
local sources = {}

local function add_list(list)
  local next_of = offsets_in(list)
  local offset = next_of()
  if offset then sources[#sources + 1] = {offset = offset, next_of = next_of} end
end

for i = 10, #ARGV do
  local life = 9 + 2 * (i - 10)
  local rest = life + 1
  local filed = tonumber(redis.call('HGET', containers, ARGV[i]) or 0)
  if redis.call('LLEN', KEYS[life]) + redis.call('LLEN', KEYS[rest]) ~= filed then return redis.error_reply('LOST lists') end
  add_list(KEYS[life])
  if ARGV[9] ~= 'life' then add_list(KEYS[rest]) end
end

-- The lowest of the next offsets of all.
local function next_offset()
  local lowest
  for _, source in ipairs(sources) do
    if source.offset and (not lowest or source.offset < lowest.offset) then lowest = source end
  end
  if not lowest then return nil end
  local offset = lowest.offset
  lowest.offset = lowest.next_of()
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
