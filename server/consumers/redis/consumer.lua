-- One operation on one durable consumer; ConsumerStore describes what each does.
--
-- KEYS[1] consumers  hash: name -> when it was created
-- KEYS[2] facts      hash: owner, created_at, generation, settings (JSON), paused, epoch, floor,
--                    fingerprint, acknowledged, failed, gaps, lost, last_gap (JSON), next_parked,
--                    parked_bytes
-- KEYS[3] settled    sorted set of settled offsets above the floor
-- KEYS[4] leases     hash: key -> JSON {id, attempt, member, stop}; some have run out
-- KEYS[5] tries      hash: id -> JSON {attempts, stop, tries}
-- KEYS[6] parked     hash: number -> JSON of a parked event without its envelope
-- KEYS[7] envelopes  hash: number -> envelope in base64
-- ARGV[1] name of the consumer
-- ARGV[2] the operation
-- ARGV[3] the generation that the caller knows, or ''
-- ARGV[4] arguments as JSON
--
-- Returns JSON. Fails with NOCONSUMER, OLDGENERATION or CONSUMEREXISTS. Times are ms of the clock
-- of Redis, so that they mean the same to all brokers.

local consumers, facts, settled, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local tries, parked, envelopes = KEYS[5], KEYS[6], KEYS[7]
local name, operation, generation = ARGV[1], ARGV[2], ARGV[3]
local input = cjson.decode(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function text(number) return string.format('%.0f', number) end
local function fact(field) return redis.call('HGET', facts, field) end
local function number(field) return tonumber(fact(field)) end
local function add(field, count) redis.call('HINCRBY', facts, field, text(count)) end
local function decoded(key, field)
  local json = redis.call('HGET', key, field)
  return json and cjson.decode(json) or nil
end

local exists = redis.call('HEXISTS', consumers, name) == 1
if operation == 'create' then
  if exists then return redis.error_reply('CONSUMEREXISTS') end
elseif not exists then
  if operation == 'get' then return 'null' end
  return redis.error_reply('NOCONSUMER')
elseif generation ~= '' and generation ~= fact('generation') then
  return redis.error_reply('OLDGENERATION')
end

local function is_settled(id)
  if id < 0 then
    local event = decoded(parked, text(-id))
    return not (event and event.isReplaying)
  end
  return id <= number('floor') or redis.call('ZSCORE', settled, text(id)) ~= false
end

local function is_free_for(lease)
  local current = decoded(leases, lease.key)
  if not current then return true end
  if current.id == lease.id then return current.member == lease.member and current.attempt == lease.attempt end
  return current.stop <= now
end

local function grant(lease, ms)
  local stop = now + ms
  redis.call('HSET', leases, lease.key, cjson.encode({id = lease.id, attempt = lease.attempt, member = lease.member, stop = stop}))
end

local function free(lease)
  local current = decoded(leases, lease.key)
  if current and current.id == lease.id then redis.call('HDEL', leases, lease.key) end
end

-- Removes leases that have run out; returns how many are left.
local function lasting_leases()
  local all = redis.call('HGETALL', leases)
  local left = #all / 2
  for i = 1, #all, 2 do
    if cjson.decode(all[i + 1]).stop <= now then
      redis.call('HDEL', leases, all[i])
      left = left - 1
    end
  end
  return left
end

local function raise_floor(floor)
  if not floor or floor.epoch ~= fact('epoch') or floor.offset <= number('floor') then return end
  redis.call('HSET', facts, 'floor', text(floor.offset), 'fingerprint', text(floor.fingerprint))
  redis.call('ZREMRANGEBYSCORE', settled, '-inf', text(floor.offset))
  for _, id in ipairs(redis.call('HKEYS', tries)) do
    if tonumber(id) > 0 and tonumber(id) <= floor.offset then redis.call('HDEL', tries, id) end
  end
end

local function record_gap(gap)
  if not gap then return end
  add('gaps', 1)
  add('lost', gap.lostAtMost)
  redis.call('HSET', facts, 'last_gap', cjson.encode(gap))
end

local function attempts_of(id)
  local tried = decoded(tries, text(id))
  return tried and tried.attempts or 0
end

local function claim_one(claim, ms, max_in_flight, is_crowded)
  local id = claim.id
  if is_settled(id) then return {kind = 'settled'} end
  local blocked = 0
  local current, tried = decoded(leases, claim.key), decoded(tries, text(id))
  if current then blocked = current.stop - now end
  if tried and tried.stop - now > blocked then blocked = tried.stop - now end
  if blocked > 0 then return {kind = 'blocked', ms = blocked} end
  if is_crowded then return {kind = 'full'} end
  if redis.call('HLEN', leases) >= max_in_flight and lasting_leases() >= max_in_flight then return {kind = 'full'} end
  local attempt = tried and tried.attempts or 0
  if current and current.id == id and current.attempt > attempt then attempt = current.attempt end
  grant({id = id, key = claim.key, member = claim.member, attempt = attempt + 1}, ms)
  return {kind = 'granted', attempt = attempt + 1}
end

-- Returns the tries of an event with one that has just failed.
local function with_try(settlement)
  local tried = decoded(tries, text(settlement.id))
  local list = tried and tried.tries or {}
  list[#list + 1] = {attempt = settlement.attempt, member = settlement.member, reason = settlement.reason, time = input.date}
  while #list > input.maxTries do table.remove(list, 1) end
  return list
end

local function park(settlement)
  local id = settlement.id
  local own = id < 0 and -id or number('next_parked')
  local size = settlement.bytes
  if id > 0 then
    if redis.call('HLEN', parked) >= input.maxParked or number('parked_bytes') + size > input.maxParkedBytes then return 'full' end
    add('next_parked', 1)
    add('parked_bytes', size)
    redis.call('ZADD', settled, text(id), text(id))
    redis.call('HSET', envelopes, text(own), settlement.envelope)
  end
  local event = {number = own, key = settlement.key, cursor = settlement.cursor, reason = settlement.reason,
    time = input.date, tries = with_try(settlement), isReplaying = false, bytes = size}
  redis.call('HSET', parked, text(own), cjson.encode(event))
  redis.call('HDEL', tries, text(id))
  add('failed', 1)
  return 'done'
end

local function unpark(own)
  local event = decoded(parked, own)
  if not event then return end
  redis.call('HDEL', parked, own)
  redis.call('HDEL', envelopes, own)
  redis.call('HDEL', tries, '-' .. own)
  add('parked_bytes', -event.bytes)
end

local function settle_one(settlement)
  local id, kind = settlement.id, settlement.kind
  if is_settled(id) then return 'done' end
  if not is_free_for(settlement) then return 'stale' end
  if kind ~= 'ack' and attempts_of(id) >= settlement.attempt then return 'done' end
  if kind == 'park' then
    local answer = park(settlement)
    if answer ~= 'done' then return answer end
  elseif kind == 'ack' then
    add('acknowledged', 1)
    redis.call('HDEL', tries, text(id))
    if id < 0 then unpark(text(-id)) else redis.call('ZADD', settled, text(id), text(id)) end
  elseif kind == 'release' then
    local tried = decoded(tries, text(id)) or {tries = {}}
    redis.call('HSET', tries, text(id), cjson.encode({attempts = settlement.attempt - 1, stop = 0, tries = tried.tries}))
  else
    add('failed', 1)
    redis.call('HSET', tries, text(id), cjson.encode({attempts = settlement.attempt, stop = now + settlement.delayMs, tries = with_try(settlement)}))
  end
  free(settlement)
  return 'done'
end

local function snapshot()
  local fields, out = redis.call('HGETALL', facts), {}
  for i = 1, #fields, 2 do out[fields[i]] = fields[i + 1] end
  out.settled = redis.call('ZRANGE', settled, 0, -1)
  out.in_flight = lasting_leases()
  out.parked = redis.call('HLEN', parked)
  out.replaying = {}
  for _, json in ipairs(redis.call('HVALS', parked)) do
    local event = cjson.decode(json)
    if event.isReplaying then out.replaying[#out.replaying + 1] = {number = event.number, key = event.key} end
  end
  return cjson.encode(out)
end

local function wanted_numbers()
  if not input.numbers then return redis.call('HKEYS', parked) end
  local found, seen = {}, {}
  for _, own in ipairs(input.numbers) do
    local key = text(own)
    if not seen[key] and redis.call('HEXISTS', parked, key) == 1 then found[#found + 1] = key end
    seen[key] = true
  end
  return found
end

local operations = {}

function operations.create()
  redis.call('DEL', facts, settled, leases, tries, parked, envelopes)
  redis.call('HSET', consumers, name, text(input.date))
  redis.call('HSET', facts, 'owner', input.owner, 'created_at', text(input.date), 'generation', text(input.date),
    'settings', input.settings, 'paused', '', 'epoch', input.floor.epoch, 'floor', text(input.floor.offset),
    'fingerprint', text(input.floor.fingerprint), 'acknowledged', 0, 'failed', 0, 'gaps', 0, 'lost', 0,
    'next_parked', 1, 'parked_bytes', 0)
  return snapshot()
end

function operations.get() return snapshot() end

function operations.update()
  if input.settings then redis.call('HSET', facts, 'settings', input.settings) end
  if input.paused then redis.call('HSET', facts, 'paused', input.paused) end
  return snapshot()
end

function operations.reset()
  local next = math.max(number('generation') + 1, input.date)
  redis.call('DEL', settled, leases, tries)
  redis.call('HSET', facts, 'generation', text(next), 'epoch', input.floor.epoch, 'floor', text(input.floor.offset),
    'fingerprint', text(input.floor.fingerprint))
  record_gap(input.gap)
  return snapshot()
end

function operations.gap()
  record_gap(input.gap)
  raise_floor(input.floor)
  return '{}'
end

function operations.remove()
  redis.call('HDEL', consumers, name)
  redis.call('DEL', facts, settled, leases, tries, parked, envelopes)
  return '{}'
end

function operations.attach()
  local held = {}
  for _, id in ipairs(input.held) do held[id] = true end
  local all = redis.call('HGETALL', leases)
  for i = 1, #all, 2 do
    local lease = cjson.decode(all[i + 1])
    if lease.member == input.member and not held[lease.id] then redis.call('HDEL', leases, all[i]) end
  end
  return '{}'
end

function operations.claim()
  local max_in_flight = cjson.decode(fact('settings')).maxInFlight
  local is_crowded = redis.call('ZCARD', settled) >= input.maxSettled
  local answers = {}
  for i, claim in ipairs(input.claims) do answers[i] = claim_one(claim, input.ms, max_in_flight, is_crowded) end
  return cjson.encode(answers)
end

function operations.extend()
  local answers = {}
  for i, lease in ipairs(input.leases) do
    local can = not is_settled(lease.id) and is_free_for(lease) and attempts_of(lease.id) < lease.attempt
    if can then grant(lease, input.ms) end
    answers[i] = can
  end
  return cjson.encode(answers)
end

function operations.settle()
  local answers = {}
  for i, settlement in ipairs(input.settlements) do answers[i] = settle_one(settlement) end
  raise_floor(input.floor)
  return cjson.encode(answers)
end

function operations.parked()
  local numbers, events = {}, {}
  for _, own in ipairs(redis.call('HKEYS', parked)) do
    if tonumber(own) > input.after then numbers[#numbers + 1] = tonumber(own) end
  end
  table.sort(numbers)
  for i = 1, math.min(#numbers, input.limit) do
    local event = decoded(parked, text(numbers[i]))
    event.envelope = redis.call('HGET', envelopes, text(numbers[i]))
    events[i] = event
  end
  return cjson.encode(events)
end

function operations.replay()
  local numbers = wanted_numbers()
  for _, own in ipairs(numbers) do
    local event = decoded(parked, own)
    event.isReplaying = true
    redis.call('HSET', parked, own, cjson.encode(event))
  end
  return text(#numbers)
end

function operations.discard()
  local numbers = wanted_numbers()
  for _, own in ipairs(numbers) do unpark(own) end
  return text(#numbers)
end

return operations[operation]()
