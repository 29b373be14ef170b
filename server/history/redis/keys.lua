-- Some of the containers of a namespace.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] cursor of HSCAN
-- ARGV[5] pattern
--
-- Returns the next cursor, and a list of fields; a container may come more than once.

local scanned = redis.call('HSCAN', containers, ARGV[4], 'MATCH', ARGV[5], 'COUNT', 500)
local fields = {}
for i = 1, #scanned[2], 2 do fields[#fields + 1] = scanned[2][i] end
return {scanned[1], fields}
