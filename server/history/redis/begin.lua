-- Opens the history of these keys. Begins one where there is none, or where keys of it are lost.
--
-- KEYS    as in history.lua, of the epoch that the caller has found, or else of the new one
-- ARGV[1] the epoch that the caller has found, empty for none
-- ARGV[2] an epoch for a new history
-- ARGV[3] the format that the caller writes
--
-- Returns one of
--   AGAIN                                the epoch has changed since the caller looked
--   FORMAT, the format found             it is not the caller's
--   OPENED, last, i of its commit or ''  the history is there and complete
--   BEGUN, name of the lost key or ''    there was none, or one with a lost key
--
-- Only Redis can decide which of two brokers that start at once begins the history. The keys of a
-- damaged history stay under its epoch, because they are all that remains of it.

if (state[1] or '') ~= ARGV[1] then return {'AGAIN'} end

local lost = ''
if state[1] then
  if state[7] ~= ARGV[3] then return {'FORMAT', state[7] or ''} end
  lost = lost_key()
  if not lost then
    local newest = redis.call('XREVRANGE', commits, '+', '-', 'COUNT', 1)[1]
    return {'OPENED', last, newest and newest[2][2] or ''}
  end
end

local earliest = string.rep('0', 20)
redis.call('DEL', history)
redis.call('HSET', history, 'format', ARGV[3], 'epoch', ARGV[2], 'first', 1, 'last', 0,
  'commits', 0, 'exits', 0, 'containers', 0, 'namespaces', 0, 'dedupe', 0, 'dedupe_old', 0,
  'stored_at', earliest, 'ahead', earliest, 'dedupe_since', earliest, 'reached', earliest, 'total', 0,
  'first_stored_at', earliest, 'first_total', 0, 'dedupe_begun', earliest)
return {'BEGUN', lost}
