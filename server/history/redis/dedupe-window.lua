-- Follows lineage.lua in the scripts that write: which dedupe records still count.
-- Why: a record is looked at only through `is_within`, so removing old ones late, and many at once, changes no answer.

local PLACE_OFFSET, PLACE_STORED_AT, PLACE_FINGERPRINT = 16, 36, 46

local function place_text(offset, stored_at, fingerprint)
  return string.format('%016.0f%s%s', offset, stored_at, fingerprint)
end

-- Both limits, as of entry `newest` stored at a time `since` of which is the window's beginning.
local function is_within(offset, stored_at, newest, window, since)
  return newest - offset <= window and stored_at >= since
end

-- Removes up to `limit` of the oldest rows whose records are all out of the window. Returns whether one more is.
local function expire_dedupe(limit, newest, window, since)
  for _ = 0, limit do
    local row = redis.call('XRANGE', dedupe_order, '-', '+', 'COUNT', 1)[1]
    if not row then return false end
    local offset, fields = offset_of(row), row[2]
    if is_within(offset, fields[2], newest, window, since) then return false end
    if limit == 0 then return true end
    limit = limit - 1
    for i = 4, #fields, 2 do
      -- A newer record of the same key has another place.
      local place = redis.call('HGET', dedupe, fields[i])
      if place and tonumber(string.sub(place, 1, PLACE_OFFSET)) <= offset then
        redis.call('HDEL', dedupe, fields[i])
      end
    end
    redis.call('XDEL', dedupe_order, row[1])
  end
  return true
end

-- The two are of no use without each other.
local function forget_dedupe_if_broken()
  local known, ordered = redis.call('HLEN', dedupe), redis.call('XLEN', dedupe_order)
  if (known == 0) == (ordered == 0) then return false end
  redis.call('DEL', dedupe, dedupe_order)
  return true
end

