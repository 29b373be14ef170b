-- What retention would remove now.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] how many entries may stay, or ''
-- ARGV[5] how many bytes may stay, or ''
-- ARGV[6] entries stored before this time go, or ''
-- ARGV[7] kept exits stored before this time go, or ''
-- ARGV[8] where the dedupe window begins, ARGV[9] how many entries it has
--
-- Returns first, the first that stays, 1 if kept exits are over their age, 1 if dedupe records are out of their window.
-- The newest entry always stays, and so do those that the caller has not told.

local point = first
if ARGV[4] ~= '' then point = math.max(point, last - tonumber(ARGV[4]) + 1) end
if ARGV[5] ~= '' then
  -- A row counts with itself, and what a commit's total has left is what follows it.
  local function fits(row) return total - total_of(row) <= tonumber(ARGV[5]) end
  point = first_that(point, last, fits)
end
if ARGV[6] ~= '' then
  point = first_that(point, last, function(row) return stored_at_of(row) >= ARGV[6] end)
end
point = math.max(first, math.min(point, tonumber(ARGV[2])))

local function is_any_before(stream, time)
  if time == '' then return 0 end
  local row = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  return row and stored_at_of(row) < time and 1 or 0
end

local oldest = redis.call('XRANGE', dedupe_order, '-', '+', 'COUNT', 1)[1]
local is_stale = oldest and not is_within(offset_of(oldest), oldest[2][2], last, tonumber(ARGV[9]), ARGV[8])
return {first, point, is_any_before(exits, ARGV[7]), is_stale and 1 or 0}
