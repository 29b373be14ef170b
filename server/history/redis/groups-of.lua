-- The namespaces that have a container with an id.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] the id
--
-- Returns their names, in no particular order.

-- As many arguments as a call to Redis takes without trouble.
local CHUNK = 1000

local all, found = redis.call('HKEYS', namespaces), {}
for from = 1, #all, CHUNK do
  local fields = {}
  for i = from, math.min(from + CHUNK - 1, #all) do fields[#fields + 1] = all[i] .. '\0' .. ARGV[4] end
  for i, filed in ipairs(redis.call('HMGET', containers, unpack(fields))) do
    if filed then found[#found + 1] = all[from + i - 1] end
  end
end
return found
