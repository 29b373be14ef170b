-- Follows lineage.lua in the scripts that look for an entry.
-- Why: a search from outside would take a round trip for each step, and the entries could be trimmed meanwhile.

-- The first offset from `low` to `high` whose row fits, or `high + 1`; every row after one that fits must fit.
local function first_that(low, high, fits)
  high = high + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if fits(row_at(entries, middle)) then high = middle else low = middle + 1 end
  end
  return low
end

