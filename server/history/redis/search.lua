-- Follows lineage.lua in the scripts that look for a commit.
-- Why: a search from outside would take a round trip for each step, and the entries could be trimmed meanwhile.

-- The first commit that fits, of those that have entries from the first one to `high`; nil when there is none. Every commit
-- after one that fits must fit.
local function first_commit(high, fits)
  local low = first
  local found
  while low <= high do
    local commit = commit_at(math.floor((low + high) / 2))
    if fits(commit) then
      found = commit
      -- Anything before this one; where it begins is not known, so by halves.
      high = math.floor((low + high) / 2) - 1
    else
      low = offset_of(commit) + 1
    end
  end
  return found
end

