-- Rows of one container in the order of their offsets.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- KEYS[8] the offsets of its rows that tell of runs, KEYS[9] those of the rest: sorted sets
-- ARGV[4] entries or exits
-- ARGV[5] after this offset
-- ARGV[6] up to this one
-- ARGV[7] how many at most
-- ARGV[8] stops after the row whose envelope makes it so many bytes
-- ARGV[9] runs for those that tell of runs alone, else all
-- ARGV[10] the container, as in the containers hash
--
-- Returns offset, i, e of each row. Fails with TRIMMED and the first offset when entries after ARGV[5] were trimmed, in the
-- container or not, and with LOST when the sorted sets are not whole.
-- Why: the sets and the rows must be of one moment, or trimming in between would look like damage.

local stream = ARGV[4] == 'entries' and entries or exits
local after, most, most_bytes = tonumber(ARGV[5]), tonumber(ARGV[7]), tonumber(ARGV[8])
if stream == entries and after < first - 1 then
  return redis.error_reply(string.format('TRIMMED %.0f', first))
end

local filed = tonumber(redis.call('HGET', containers, ARGV[10]) or 0)
if redis.call('ZCARD', KEYS[8]) + redis.call('ZCARD', KEYS[9]) ~= filed then
  return redis.error_reply('LOST sets')
end

local to = stream == entries and ARGV[6] or string.format('(%.0f', first)

local function offsets_in(set)
  return redis.call('ZRANGEBYSCORE', set, '(' .. ARGV[5], to, 'LIMIT', 0, ARGV[7])
end

local runs = offsets_in(KEYS[8])
local rest = ARGV[9] == 'runs' and {} or offsets_in(KEYS[9])
local next_run, next_rest = 1, 1

-- The lower of the next offsets of the two.
local function next_offset()
  local run, other = tonumber(runs[next_run]), tonumber(rest[next_rest])
  if run and (not other or run < other) then
    next_run = next_run + 1
    return run
  end
  next_rest = next_rest + 1
  return other
end

local rows, count, bytes = {}, 0, 0
while count == 0 or count < most and bytes < most_bytes do
  local offset = next_offset()
  if not offset then break end
  local row = row_at(stream, offset)
  rows[#rows + 1] = offset
  rows[#rows + 1] = row[2][2]
  rows[#rows + 1] = row[2][4]
  count = count + 1
  bytes = bytes + #row[2][4]
end
return rows
