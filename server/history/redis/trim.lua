-- Takes one step of trimming: removes the oldest entries, keeping the exits among them, and kept exits that are over age.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua; KEYS[8…] the sorted sets that any of the rows are filed in
-- ARGV[4] the first entry as the caller knows it
-- ARGV[5] the first entry that stays
-- ARGV[6] how many bytes of a sorted set's name stand before the container
-- ARGV[7] where the dedupe window begins, ARGV[8] how many entries it has
-- ARGV[9] the rows that go: offset f64, index of its sorted set in KEYS or 0 u32, 1 for an entry that is kept as an exit, 2
--         for an exit that goes for good, 0 for any other entry u8; big-endian
--
-- Returns how many rows went. None when another broker has trimmed meanwhile.
-- Why: two brokers on one Redis both trim, and each container's index must go with its rows.

local ENTRY, KEPT, EXIT = 0, 1, 2
-- Rows of the dedupe order that one step may remove; each has up to a thousand records.
local DEDUPE_ROWS = 4

if first ~= tonumber(ARGV[4]) then return 0 end
local rows, stays = ARGV[9], tonumber(ARGV[5])

-- All reading comes first: what follows must not fail half-way. The first thing written frees memory, and by that Redis lets
-- a script go on which also needs some, even when it is full.
local leaving, kept, position = {}, {}, 1
while position <= #rows do
  local offset, set, fate
  offset, set, fate, position = struct.unpack('>dI4B', rows, position)
  leaving[#leaving + 1] = {offset, set, fate}
  if fate == KEPT then kept[#kept + 1] = row_at(entries, offset) end
end

local oldest = row_at(entries, stays)

redis.call('XTRIM', entries, 'MINID', row_id(stays))
local gone_commits = redis.call('XTRIM', commits, 'MINID', row_id(stays))
local unfiled, expired = {}, 0

for _, row in ipairs(leaving) do
  local offset, set, fate = row[1], row[2], row[3]
  local is_gone = fate == ENTRY
  if fate == EXIT then
    is_gone = redis.call('XDEL', exits, row_id(offset)) == 1
    if is_gone then expired = expired + 1 end
  end
  if is_gone and set > 0 then
    redis.call('ZREM', KEYS[set], string.format('%.0f', offset))
    unfiled[set] = (unfiled[set] or 0) + 1
  end
end

for _, row in ipairs(kept) do redis.call('XADD', exits, row[1], 'i', row[2][2], 'e', row[2][4]) end

local gone_containers = 0
for set, count in pairs(unfiled) do
  local container = string.sub(KEYS[set], tonumber(ARGV[6]) + 1)
  if redis.call('HINCRBY', containers, container, -count) <= 0 then
    redis.call('HDEL', containers, container)
    gone_containers = gone_containers + 1
  end
end

redis.call('HSET', history, 'first', stays, 'first_stored_at', stored_at_of(oldest), 'first_total', total_of(oldest),
  'commits', tonumber(state[8]) - gone_commits, 'exits', tonumber(state[4]) + #kept - expired, 'containers', tonumber(state[5]) - gone_containers)
expire_dedupe(DEDUPE_ROWS, last, tonumber(ARGV[8]), ARGV[7])
return stays - first + expired
