-- Follows history.lua in every script but begin.lua: continues only if this is still the history
-- that the caller knows.
--
-- ARGV[1] epoch
-- ARGV[2] offset of the newest entry that the caller has delivered, 0 for none; always the last
--         one of a commit
-- ARGV[3] its fingerprint
--
-- Fails with HISTORY and a reason when another history is here, a key is missing, or that entry
-- is gone. Redis may be emptied or restored from an older copy, and other brokers then reuse the
-- offsets. Entries never change, so if the newest delivered one is the same, so is everything
-- before it.

local function what_changed()
  if state[1] ~= ARGV[1] then return 'RECREATED' end
  local lost = lost_key()
  if lost then return 'DAMAGED ' .. lost end
  local delivered = tonumber(ARGV[2])
  if delivered == 0 and first == 1 then return nil end
  if delivered < first then return 'OVERTAKEN' end
  local commit = commit_at(delivered)
  if not commit or offset_of(commit) ~= delivered or fingerprint_of(commit) ~= ARGV[3] then return 'ROLLEDBACK' end
end

local changed = what_changed()
if changed then return redis.error_reply('HISTORY ' .. changed) end

