-- Returns the memory of the keys that every history has. The lists of the paths are left out,
-- because there is no limit to their number.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua

local bytes = 0
for i = 1, #KEYS do
  bytes = bytes + (redis.call('MEMORY', 'USAGE', KEYS[i]) or 0)
end
return bytes
