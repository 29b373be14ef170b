-- Reads the lasting entries kept from before the first entry.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] offset to read after
-- ARGV[5] maximum number of entries
-- ARGV[6] stops after the envelope that reaches so many bytes
--
-- Returns offset, i, e of each. A plain XRANGE cannot stop at a number of bytes.

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
