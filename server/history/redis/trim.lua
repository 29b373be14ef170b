-- Takes one step of trimming: removes the oldest entries, keeping the exits among them, and kept exits that are over age.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua; KEYS[9…] the lists that any of what goes is filed in
-- ARGV[4] the first entry as the caller knows it
-- ARGV[5] the first entry that stays
-- ARGV[6] what the byte budget counts, of the entries before that one that are here
-- ARGV[7] how many bytes of a list's name stand before the container
-- ARGV[8] what leaves its list for good: offset f64, index of the list in KEYS u32; big-endian
-- ARGV[9] how many kept exits go
-- ARGV[10…] the offsets of those; then for each entry that is kept as an exit its offset, i and e, as in the exits stream
--
-- Returns how many entries and kept exits went. None when another broker has trimmed meanwhile.
-- Why: two brokers on one Redis both trim, and each container's lists must go with its entries.

local stays, expired = tonumber(ARGV[5]), tonumber(ARGV[9])
if first ~= tonumber(ARGV[4]) then return 0 end
if expired > 0 then
  local oldest = redis.call('XRANGE', exits, '-', '+', 'COUNT', 1)[1]
  if not oldest or oldest[1] ~= row_id(tonumber(ARGV[10])) then return 0 end
end
local oldest_stored_at = stored_at_of(commit_at(stays))
local first_total = tonumber(redis.call('HGET', history, 'first_total'))

-- What frees memory is written first: by that Redis lets a script go on which also needs some, even when it is full. A commit
-- that has the first entry that stays is there until all of it goes.
redis.call('XTRIM', entries, 'MINID', row_id(stays))
local gone_commits = redis.call('XTRIM', commits, 'MINID', row_id(stays))

for i = 10, 9 + expired do redis.call('XDEL', exits, row_id(tonumber(ARGV[i]))) end

local leaving, position, unfiled = ARGV[8], 1, {}
while position <= #leaving do
  local offset, list
  offset, list, position = struct.unpack('>dI4', leaving, position)
  redis.call('LREM', KEYS[list], 1, offset)
  unfiled[list] = (unfiled[list] or 0) + 1
end

local kept = 0
for i = 10 + expired, #ARGV, 3 do
  redis.call('XADD', exits, row_id(tonumber(ARGV[i])), 'i', ARGV[i + 1], 'e', ARGV[i + 2])
  kept = kept + 1
end

local gone_containers, gone_namespaces = 0, 0
for list, count in pairs(unfiled) do
  local container = string.sub(KEYS[list], tonumber(ARGV[7]) + 1)
  if redis.call('HINCRBY', containers, container, -count) <= 0 then
    redis.call('HDEL', containers, container)
    gone_containers = gone_containers + 1
    local namespace = namespace_of(container)
    if redis.call('HINCRBY', namespaces, namespace, -1) <= 0 then
      redis.call('HDEL', namespaces, namespace)
      gone_namespaces = gone_namespaces + 1
    end
  end
end

redis.call('HSET', history, 'first', stays, 'first_stored_at', oldest_stored_at,
  'first_total', string.format('%.0f', first_total + tonumber(ARGV[6])),
  'commits', tonumber(state[8]) - gone_commits, 'exits', tonumber(state[4]) + kept - expired,
  'containers', tonumber(state[5]) - gone_containers, 'namespaces', tonumber(state[9]) - gone_namespaces)
return stays - first + expired
