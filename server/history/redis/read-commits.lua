-- The entries that come after what the caller has told, in whole commits.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] up to the commit that has this offset
-- ARGV[5] how many entries are enough
-- ARGV[6] how many bytes are enough
--
-- Returns offset, i, e of each row: those of one commit at least, if there is one.
-- Why: what is told ends with a commit, so that a commit is all that has to be looked at to know that it is still there.

local COMMITS = 100

local told, up_to = tonumber(ARGV[2]), tonumber(ARGV[4])
local first_total, to
for _, commit in ipairs(redis.call('XRANGE', commits, row_id(told + 1), '+', 'COUNT', COMMITS)) do
  first_total = first_total or total_of(commit)
  to = offset_of(commit)
  if to >= up_to or to - told >= tonumber(ARGV[5]) or total_of(commit) - first_total >= tonumber(ARGV[6]) then break end
end

local rows = {}
if not to then return rows end
for _, row in ipairs(redis.call('XRANGE', entries, row_id(told + 1), row_id(to))) do
  rows[#rows + 1] = offset_of(row)
  rows[#rows + 1] = row[2][2]
  rows[#rows + 1] = row[2][4]
end
return rows
