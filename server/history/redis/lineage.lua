-- Follows history.lua in every script but begin.lua: goes on only if this is still the history that the caller knows.
--
-- ARGV[1] epoch
-- ARGV[2] offset of the newest entry that the caller has told, 0 for none; always the last one of a commit
-- ARGV[3] its fingerprint
--
-- Fails with HISTORY and a reason when another history is here, a key is missing, or that entry is not there any more.
-- Why: Redis may be emptied, or come back with an older copy, and then others go on with the same offsets. Entries never
-- change, so as long as the newest one that was told is the same, everything before it is.

local function what_changed()
  if state[1] ~= ARGV[1] then return 'RECREATED' end
  local lost = lost_key()
  if lost then return 'DAMAGED ' .. lost end
  local told = tonumber(ARGV[2])
  if told == 0 and first == 1 then return nil end
  if told < first then return 'OVERTAKEN' end
  local commit = commit_at(told)
  if not commit or offset_of(commit) ~= told or fingerprint_of(commit) ~= ARGV[3] then return 'ROLLEDBACK' end
end

local changed = what_changed()
if changed then return redis.error_reply('HISTORY ' .. changed) end

