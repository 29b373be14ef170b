-- Where the history begins, and its size.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
--
-- Returns last, first, when that was stored, the total of all before it, how many exits are kept, and how many bytes the keys
-- take that all containers have in common.

local oldest = redis.call('HMGET', history, 'first_stored_at', 'first_total')
local bytes = 0
for i = 1, #KEYS do
  bytes = bytes + (redis.call('MEMORY', 'USAGE', KEYS[i]) or 0)
end
return {last, first, oldest[1], tonumber(oldest[2]), tonumber(state[4]), bytes}
