-- Reads entries or kept lasting entries of some paths, in the order of their offsets.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- KEYS[9…]  for each path the list of its main entries, and that of its other entries
-- ARGV[4] entries or lasting
-- ARGV[5] offset to read after
-- ARGV[6] reads up to this offset
-- ARGV[7] maximum number of entries
-- ARGV[8] stops after the envelope that reaches so many bytes
-- ARGV[9] main for main entries only, else all
-- ARGV[10…] the paths, as in the containers hash
--
-- Returns offset, stored at and fingerprint (30 digits), and envelope of each. Returns only the
-- first offset when entries after ARGV[5] were trimmed, of these paths or not. Fails with LOST
-- when a list is incomplete. The lists and the entries must be of one moment, because trimming in
-- between would look like damage.

local PAGE = 100

local of_entries = ARGV[4] == 'entries'
local after, most, most_bytes = tonumber(ARGV[5]), tonumber(ARGV[7]), tonumber(ARGV[8])
if of_entries and after < first - 1 then return first end
local to = tonumber(ARGV[6])
if not of_entries then to = math.min(to, first - 1) end

-- Returns an iterator over the offsets of a list that come after `after`.
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

-- For each list its next offset, and the iterator for those after it.
local sources = {}

local function add_list(list)
  local next_of = offsets_in(list)
  local offset = next_of()
  if offset then sources[#sources + 1] = {offset = offset, next_of = next_of} end
end

for i = 10, #ARGV do
  local main = 9 + 2 * (i - 10)
  local others = main + 1
  local count = tonumber(redis.call('HGET', containers, ARGV[i]) or 0)
  if redis.call('LLEN', KEYS[main]) + redis.call('LLEN', KEYS[others]) ~= count then return redis.error_reply('LOST lists') end
  add_list(KEYS[main])
  if ARGV[9] ~= 'main' then add_list(KEYS[others]) end
end

-- Takes the lowest of the next offsets.
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
-- Several entries of a path are often in one commit.
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

local function lasting_at(offset)
  local row = redis.call('XRANGE', exits, row_id(offset), row_id(offset))[1]
  return row[2][2], row[2][4]
end

local rows, count, bytes = {}, 0, 0
while count == 0 or count < most and bytes < most_bytes do
  local offset = next_offset()
  if not offset or offset > to then break end
  local info, envelope
  if of_entries then info, envelope = entry_at(offset) else info, envelope = lasting_at(offset) end
  rows[#rows + 1] = offset
  rows[#rows + 1] = info
  rows[#rows + 1] = envelope
  count = count + 1
  bytes = bytes + #envelope
end
return rows
