-- Returns where the history begins and ends.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
--
-- Returns last; first, when that was stored, the total of all entries before it; the number of
-- kept lasting entries.

local oldest = redis.call('HMGET', history, 'first_stored_at', 'first_total')
return {last, first, oldest[1], tonumber(oldest[2]), tonumber(state[4])}
