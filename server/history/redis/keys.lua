-- Returns some of the paths that match a pattern.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] cursor of HSCAN
-- ARGV[5] pattern
--
-- Returns the next cursor and a list of paths; a path may come more than once.

local scanned = redis.call('HSCAN', containers, ARGV[4], 'MATCH', ARGV[5], 'COUNT', 500)
local paths = {}
for i = 1, #scanned[2], 2 do paths[#paths + 1] = scanned[2][i] end
return {scanned[1], paths}
