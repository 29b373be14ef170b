-- Finds the commit with the first entry at or after a time.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] the time
--
-- Returns first; then offset of its newest entry, i and e of the commit, or nothing more if none
-- of the entries that the caller has delivered is late enough.

local found = first_commit(tonumber(ARGV[2]), function(commit) return reached_of(commit) >= ARGV[4] end)
if not found then return {first} end
return {first, offset_of(found), found[2][2], redis.call('XRANGE', entries, found[1], found[1])[1][2][2]}
