-- The exits kept from before the first entry.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] after this offset
-- ARGV[5] how many at most
-- ARGV[6] stops after the one whose envelope makes it so many bytes
--
-- Returns offset, i, e of each.
-- Why: a read that stops at a number of bytes would otherwise have to fetch more than anybody asked for.

local most, most_bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
local rows, count, bytes = {}, 0, 0
local from = row_id(tonumber(ARGV[4]) + 1)
while count == 0 or count < most and bytes < most_bytes do
  local row = redis.call('XRANGE', exits, from, '+', 'COUNT', 1)[1]
  if not row then break end
  rows[#rows + 1] = offset_of(row)
  rows[#rows + 1] = row[2][2]
  rows[#rows + 1] = row[2][4]
  count = count + 1
  bytes = bytes + #row[2][4]
  from = '(' .. row[1]
end
return rows
