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

local FETCH_ROWS, FETCH_BYTES = 64, 1024 * 1024

local stream = ARGV[4] == 'entries' and entries or exits
local after, most, most_bytes = tonumber(ARGV[5]), tonumber(ARGV[7]), tonumber(ARGV[8])
if stream == entries and after < first - 1 then
  return redis.error_reply(string.format('TRIMMED %.0f', first))
end

-- How many rows may be fetched at once from `offset` on: not more bytes than one commit has, or FETCH_BYTES.
local function rows_from(offset)
  if stream == exits then return 1 end
  local ahead = redis.call('XRANGE', commits, row_id(offset), '+', 'COUNT', FETCH_ROWS)
  local to = offset
  for i, commit in ipairs(ahead) do
    if i > 1 and total_of(commit) - total_of(ahead[1]) > FETCH_BYTES then break end
    to = offset_of(commit)
    if to - offset >= FETCH_ROWS then break end
  end
  return math.min(to - offset + 1, FETCH_ROWS)
end

local rows, count, bytes = {}, 0, 0
local next_offset = after + 1
local to = row_id(tonumber(ARGV[6]))
while count == 0 or count < most and bytes < most_bytes do
  local fetch = math.min(rows_from(next_offset), most - count)
  local slice = redis.call('XRANGE', stream, row_id(next_offset), to, 'COUNT', fetch)
  if #slice == 0 then break end
  for _, row in ipairs(slice) do
    if count > 0 and bytes >= most_bytes then break end
    rows[#rows + 1] = offset_of(row)
    rows[#rows + 1] = row[2][2]
    rows[#rows + 1] = row[2][4]
    count = count + 1
    bytes = bytes + #row[2][4]
  end
  next_offset = offset_of(slice[#slice]) + 1
end
return rows
