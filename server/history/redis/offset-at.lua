-- The commit by which a time was reached.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] time
--
-- Returns first; and offset of its newest entry, i, e of the commit, unless the caller has told none that fits.

local found = first_commit(tonumber(ARGV[2]), function(commit) return reached_of(commit) >= ARGV[4] end)
if not found then return {first} end
return {first, offset_of(found), found[2][2], redis.call('XRANGE', entries, found[1], found[1])[1][2][2]}
