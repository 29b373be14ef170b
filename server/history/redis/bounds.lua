-- Where the history begins, and its size.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
--
-- Returns first, the i of that row or '', how many exits are kept, and how many bytes the keys take that all have in common.

local oldest = row_at(entries, first)
local bytes = 0
for i = 1, 6 do
  bytes = bytes + (redis.call('MEMORY', 'USAGE', KEYS[i]) or 0)
end
return {first, oldest and oldest[2][2] or '', tonumber(state[4]), bytes}
