-- Reads the commits with the entries after an offset.
--
-- KEYS, ARGV[1…3] as in history.lua and lineage.lua
-- ARGV[4] offset to read after
-- ARGV[5] reads up to the commit with this offset
-- ARGV[6] number of entries after which to stop
-- ARGV[7] number of bytes of envelopes after which to stop
--
-- Returns offset of the newest entry, i and e of each commit: at least one commit, if there is
-- one. Returns only the first offset when entries after ARGV[4] were trimmed.

-- Commits to fetch at once.
local AHEAD = 100

local after, up_to, enough, enough_bytes = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if after < first - 1 then return first end

local rows = {}
local offset, before = after, nil
while offset < up_to and offset - after < enough do
  local ahead = redis.call('XRANGE', commits, row_id(offset + 1), '+', 'COUNT', AHEAD)
  if #ahead == 0 then return rows end
  for _, commit in ipairs(ahead) do
    local e = redis.call('XRANGE', entries, commit[1], commit[1])[1][2][2]
    local total_after = total_of(commit)
    before = before or total_after - #e
    offset = offset_of(commit)
    rows[#rows + 1] = offset
    rows[#rows + 1] = commit[2][2]
    rows[#rows + 1] = e
    if offset >= up_to or offset - after >= enough or total_after - before >= enough_bytes then return rows end
  end
end
return rows
