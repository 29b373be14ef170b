-- Begins every script: the keys of a history, its commits, and whether all of it is there.
--
-- KEYS[1] history     hash: format, epoch; first, last; how many commits, exits, containers, namespaces, dedupe and
--                     dedupe_old records;
--                     as of the newest entry stored_at, ahead (the latest entry time), dedupe_since, reached, total; as of the
--                     first first_stored_at, first_total (of all before); dedupe_begun, when the dedupe hash was begun
-- KEYS[2] entries     stream <offset of a commit's newest entry>-0: e = its entries, packed: how many u32; of each where its
--                     envelope ends u32, fingerprint u32, time u64 from the earliest on; the envelopes; big-endian
-- KEYS[3] commits     stream, the same ids: i = stored at (20 digits), reached (20), fingerprint of its newest entry (10), total
-- KEYS[4] exits       stream <offset>-0: i = stored at (20 digits), fingerprint (10); e = envelope: the exits kept from before
--                     the first entry
-- KEYS[5] containers  hash: namespace NUL container -> how many entries and kept exits are filed under it
-- KEYS[6] dedupe      hash: dedupe key -> first offset of its commit (16 digits), stored at (20), index in it (6), fingerprint (10)
-- KEYS[7] dedupe-old  hash, the same: the records from before the dedupe hash was begun
-- KEYS[8] namespaces  hash: namespace -> how many fields of the containers hash are of it
-- Further keys are lists of offsets, rising: the entries and kept exits of a container, those of its lifecycle apart.
--
-- A commit is what one script stores; a large one is several rows, so that none is large. Here each row is called a commit.
--
-- Why commits are rows, and not entries: what Redis does for each row costs several times what an entry of some hundred
-- bytes does. Why there are two streams of them: a place in history is looked at without its envelopes.
--
-- Times are text of 20 digits, because Lua's numbers cannot hold nanoseconds, and because text of digits alone is
-- compared alike in every locale. Sums and offsets are numbers, exact up to 2^53. A total is what the byte budget counts,
-- of all entries up to there.

local history, entries, commits, exits, containers = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local dedupe, dedupe_old, namespaces = KEYS[6], KEYS[7], KEYS[8]

local function row_id(offset)
  return string.format('%.0f-0', offset)
end

local function offset_of(row)
  return tonumber(string.match(row[1], '^%d+'))
end

-- The commit that has an entry.
local function commit_at(offset)
  return redis.call('XRANGE', commits, row_id(offset), '+', 'COUNT', 1)[1]
end

local function stored_at_of(row)
  return string.sub(row[2][2], 1, 20)
end

local function reached_of(commit)
  return string.sub(commit[2][2], 21, 40)
end

local function fingerprint_of(commit)
  return string.sub(commit[2][2], 41, 50)
end

local function total_of(commit)
  return tonumber(string.sub(commit[2][2], 51))
end

local state = redis.call('HMGET', history, 'epoch', 'first', 'last', 'exits', 'containers', 'total', 'format', 'commits', 'namespaces')
local first, last, total = tonumber(state[2]), tonumber(state[3]), tonumber(state[6])

-- The name of a key that was removed or changed by somebody else; nil when all is well.
local function lost_key()
  if redis.call('XLEN', entries) ~= tonumber(state[8]) then return entries end
  if redis.call('XLEN', commits) ~= tonumber(state[8]) then return commits end
  if redis.call('XLEN', exits) ~= tonumber(state[4]) then return exits end
  if redis.call('HLEN', containers) ~= tonumber(state[5]) then return containers end
  if redis.call('HLEN', namespaces) ~= tonumber(state[9]) then return namespaces end
end

-- The namespace of a field of the containers hash.
local function namespace_of(container)
  return string.sub(container, 1, string.find(container, '\0', 1, true) - 1)
end

