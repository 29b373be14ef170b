-- Begins every script: reads the state of the history and checks that its keys are complete.
--
-- KEYS[1] history     hash: format, epoch; first, last; numbers of commits, exits, containers,
--                     namespaces, dedupe and dedupe_old records;
--                     as of the newest entry: stored_at, ahead (the latest entry time),
--                     dedupe_since, reached, total;
--                     as of the first: first_stored_at, first_total (of all entries before it);
--                     dedupe_begun: when the dedupe hash was begun;
--                     exits_bytes: size of the kept lasting entries, see lasting-bytes.lua
-- KEYS[2] entries     stream, id <offset of the commit's newest entry>-0: e = its entries, packed:
--                     count u32; for each the end of its envelope u32, fingerprint u32, time u64
--                     from the earliest one on; the envelopes; big-endian
-- KEYS[3] commits     stream, same ids: i = stored at (20 digits), reached (20), fingerprint of
--                     the newest entry (10), total
-- KEYS[4] exits       stream, id <offset>-0: i = stored at (20 digits), fingerprint (10);
--                     e = envelope: the lasting entries kept from before the first entry
-- KEYS[5] containers  hash: path (group NUL name) -> number of entries and kept lasting entries
-- KEYS[6] dedupe      hash: dedupe key -> first offset of its commit (16 digits), stored at (20),
--                     index in the commit (6), fingerprint (10)
-- KEYS[7] dedupe-old  hash, same fields: records older than those in the dedupe hash
-- KEYS[8] namespaces  hash: group -> number of its paths in the containers hash
-- Further keys are lists of rising offsets, two for each path: one of its main entries and one of
-- its other entries.
--
-- A commit is what one script stores. A large one becomes several rows, so that none is large;
-- here, each row counts as a commit.
--
-- Commits are rows, not entries, because the cost of a row in Redis is several times that of the
-- few hundred bytes of an entry. They are in two streams, because searches need no envelopes.
--
-- Times are text of 20 digits: numbers in Lua cannot hold nanoseconds, and digits compare alike
-- in every locale. Sums and offsets are numbers, exact up to 2^53. A total is the sum of the
-- sizes that the byte budget counts, of all entries ever stored up to there.

local history, entries, commits, exits, containers = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local dedupe, dedupe_old, namespaces = KEYS[6], KEYS[7], KEYS[8]

local function row_id(offset)
  return string.format('%.0f-0', offset)
end

local function offset_of(row)
  return tonumber(string.match(row[1], '^%d+'))
end

-- Returns the commit with an entry.
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

-- Returns the name of a key that another client has removed or changed; nil if there is none.
local function lost_key()
  if redis.call('XLEN', entries) ~= tonumber(state[8]) then return entries end
  if redis.call('XLEN', commits) ~= tonumber(state[8]) then return commits end
  if redis.call('XLEN', exits) ~= tonumber(state[4]) then return exits end
  if redis.call('HLEN', containers) ~= tonumber(state[5]) then return containers end
  if redis.call('HLEN', namespaces) ~= tonumber(state[9]) then return namespaces end
end

-- Returns the group of a path.
local function group_of(path)
  return string.sub(path, 1, string.find(path, '\0', 1, true) - 1)
end

