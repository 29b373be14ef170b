-- Takes one step of trimming: removes the oldest entries, keeping the lasting ones among them, and
-- removes kept lasting entries that exceed their limits.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- KEYS[9…] the lists of the entries that are removed for good
-- ARGV[4] the first offset as the caller knows it
-- ARGV[5] the first offset that stays
-- ARGV[6] sum of the sizes of the entries that go
-- ARGV[7] number of bytes before the path in a list's name
-- ARGV[8] list items to remove: offset f64, index of the list in KEYS u32; big-endian
-- ARGV[9] number of kept lasting entries that go
-- ARGV[10] bytes by which the kept lasting entries grow, negative if they shrink
-- ARGV[11] the overhead that counts for each of them
-- ARGV[12…] offsets of those that go; then for each lasting entry to keep its offset, i and e, as
--           in the exits stream
--
-- Returns the number of entries and kept lasting entries removed; 0 when another broker has
-- trimmed meanwhile. Brokers that share a Redis all trim, and lists must change together with
-- their entries.

local stays, expired = tonumber(ARGV[5]), tonumber(ARGV[9])
if first ~= tonumber(ARGV[4]) then return 0 end
if expired > 0 then
  local oldest = redis.call('XRANGE', exits, '-', '+', 'COUNT', 1)[1]
  if not oldest or oldest[1] ~= row_id(tonumber(ARGV[12])) then return 0 end
end
local oldest_stored_at = stored_at_of(commit_at(stays))
local first_total = tonumber(redis.call('HGET', history, 'first_total'))
local lasting_after = lasting_bytes(tonumber(ARGV[11])) + tonumber(ARGV[10])

-- Commands that free memory come first: after those, a full Redis also lets the script allocate
-- some. A commit that has the first entry that stays remains until all of its entries go.
redis.call('XTRIM', entries, 'MINID', row_id(stays))
local gone_commits = redis.call('XTRIM', commits, 'MINID', row_id(stays))

for i = 12, 11 + expired do redis.call('XDEL', exits, row_id(tonumber(ARGV[i]))) end

local leaving, position, removed = ARGV[8], 1, {}
while position <= #leaving do
  local offset, list
  offset, list, position = struct.unpack('>dI4', leaving, position)
  redis.call('LREM', KEYS[list], 1, offset)
  removed[list] = (removed[list] or 0) + 1
end

local kept = 0
for i = 12 + expired, #ARGV, 3 do
  redis.call('XADD', exits, row_id(tonumber(ARGV[i])), 'i', ARGV[i + 1], 'e', ARGV[i + 2])
  kept = kept + 1
end

local gone_paths, gone_groups = 0, 0
for list, count in pairs(removed) do
  local path = string.sub(KEYS[list], tonumber(ARGV[7]) + 1)
  if redis.call('HINCRBY', containers, path, -count) <= 0 then
    redis.call('HDEL', containers, path)
    gone_paths = gone_paths + 1
    local group = group_of(path)
    if redis.call('HINCRBY', namespaces, group, -1) <= 0 then
      redis.call('HDEL', namespaces, group)
      gone_groups = gone_groups + 1
    end
  end
end

local exits_left = tonumber(state[4]) + kept - expired
-- An estimated sum ends with the entries that it was estimated from.
if exits_left == 0 then lasting_after = 0 end
redis.call('HSET', history, 'first', stays, 'first_stored_at', oldest_stored_at,
  'first_total', string.format('%.0f', first_total + tonumber(ARGV[6])),
  'commits', tonumber(state[8]) - gone_commits, 'exits', exits_left, 'exits_bytes', string.format('%.0f', lasting_after),
  'containers', tonumber(state[5]) - gone_paths, 'namespaces', tonumber(state[9]) - gone_groups)
return stays - first + expired
