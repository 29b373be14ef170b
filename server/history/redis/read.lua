-- Rows of a stream in the order of their offsets.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] entries or exits
-- ARGV[5] after this offset
-- ARGV[6] up to this one
-- ARGV[7] how many at most
-- ARGV[8] stops after the row whose envelope makes it so many bytes
--
-- Returns offset, i, e of each row. Fails with TRIMMED and the first offset when entries after ARGV[5] were trimmed.
-- Why: a read that stops at a number of bytes would otherwise have to fetch more than anybody asked for.

-- Each of them may be as large as an event can be.
local SLICE = 16

local stream = ARGV[4] == 'entries' and entries or exits
local after, most, most_bytes = tonumber(ARGV[5]), tonumber(ARGV[7]), tonumber(ARGV[8])
if stream == entries and after < first - 1 then
  return redis.error_reply(string.format('TRIMMED %.0f', first))
end

local rows, count, bytes = {}, 0, 0
local to = row_id(tonumber(ARGV[6]))
local from = row_id(after + 1)
while count < most and bytes < most_bytes do
  local slice = redis.call('XRANGE', stream, from, to, 'COUNT', math.min(SLICE, most - count))
  if #slice == 0 then break end
  for _, row in ipairs(slice) do
    if bytes >= most_bytes then break end
    rows[#rows + 1] = offset_of(row)
    rows[#rows + 1] = row[2][2]
    rows[#rows + 1] = row[2][4]
    count = count + 1
    bytes = bytes + #row[2][4]
  end
  from = '(' .. slice[#slice][1]
end
return rows
