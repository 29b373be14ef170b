-- Follows lineage.lua in the scripts that look for an entry.
-- Why: a search from outside would take a round trip for each step, and the entries could be trimmed meanwhile.

-- The first offset from `low` to `high` for which `fits` holds, or `high + 1`. Every row after one that fits must fit, and a
-- commit exactly if the row that follows it does, or rows of its own do; only within one commit are rows looked at.
local function first_that(low, high, fits)
  high = high + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    local commit = redis.call('XRANGE', commits, row_id(middle), '+', 'COUNT', 1)[1]
    local following = offset_of(commit) + 1
    if following >= high then
      if fits(row_at(entries, middle)) then high = middle else low = middle + 1 end
    elseif fits(commit) then
      high = following
    else
      low = following
    end
  end
  return low
end

