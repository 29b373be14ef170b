-- Where the entries at or after a time begin.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] time
--
-- Returns the first offset, up to the newest that the caller has told, by which the time was reached; else one past that.

return first_that(first, tonumber(ARGV[2]), function(row) return reached_of(row) >= ARGV[4] end)
