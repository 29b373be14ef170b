-- Follows lineage.lua in the scripts that need the size of the kept lasting entries.

-- Returns the bytes of all of them, with the overhead of each. Histories of earlier versions have
-- no such sum, and it is estimated from their oldest ones.
local function lasting_bytes(overhead)
  local bytes = redis.call('HGET', history, 'exits_bytes')
  if bytes then return tonumber(bytes) end
  local count = tonumber(state[4])
  if count == 0 then return 0 end
  local sample, sum = redis.call('XRANGE', exits, '-', '+', 'COUNT', 100), 0
  for _, row in ipairs(sample) do sum = sum + #row[2][4] + overhead end
  return math.floor(sum / #sample * count)
end

