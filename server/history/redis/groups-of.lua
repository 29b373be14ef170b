-- Returns the groups that have a name.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] the name
--
-- Returns the groups in no particular order.

-- Lua's unpack has a limit of some thousand values.
local CHUNK = 1000

local all, found = redis.call('HKEYS', namespaces), {}
for from = 1, #all, CHUNK do
  local paths = {}
  for i = from, math.min(from + CHUNK - 1, #all) do paths[#paths + 1] = all[i] .. '\0' .. ARGV[4] end
  for i, count in ipairs(redis.call('HMGET', containers, unpack(paths))) do
    if count then found[#found + 1] = all[from + i - 1] end
  end
end
return found
