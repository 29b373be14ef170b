-- Follows lineage.lua in the scripts that search for a commit. A search from outside would take a
-- round trip for each step, and entries could be trimmed meanwhile.

-- Returns the first commit that fits, of those with entries from the first one to `high`; nil if
-- none does. Every commit after one that fits must fit.
local function first_commit(high, fits)
  local low = first
  local found
  while low <= high do
    local commit = commit_at(math.floor((low + high) / 2))
    if fits(commit) then
      found = commit
      -- The offset where this commit begins is not known, so halve instead of skipping it.
      high = math.floor((low + high) / 2) - 1
    else
      low = offset_of(commit) + 1
    end
  end
  return found
end

