--- Which numbers the calls of a client are at: one that a call buys, or has bought, is left alone by the
--- client's other calls, whose lists may be older; to buy what the account owns would be an update.
---
--- Kept for the next few thousand, in two generations.
local claims = {}

local GENERATION = 5000

local function new_generation()
  return { phone_numbers = {}, by_sid = {}, count = 0 }
end

local function generations(client)
  client.claims = client.claims or { new_generation(), new_generation() }
  return client.claims
end

--- Claims a number for a call.
---@return boolean claimed false: another call has it
function claims.take(client, phone_number)
  local all = generations(client)
  if all[1].phone_numbers[phone_number] or all[2].phone_numbers[phone_number] then
    return false
  elseif all[1].count >= GENERATION then
    all[1], all[2] = new_generation(), all[1]
  end
  all[1].phone_numbers[phone_number], all[1].count = true, all[1].count + 1
  return true
end

--- Takes a claim back: the number was not bought, and another call may have more luck with it.
function claims.give_back(client, phone_number)
  for _, generation in ipairs(generations(client)) do
    generation.phone_numbers[phone_number] = nil
  end
end

--- Remembers as what a number was bought.
function claims.bought(client, number)
  generations(client)[1].by_sid[number.sid] = number.phone_number
end

--- A number that was released may be bought again.
function claims.released(client, sid)
  for _, generation in ipairs(client.claims or {}) do
    local phone_number = generation.by_sid[sid]
    if phone_number then
      generation.by_sid[sid] = nil
      claims.give_back(client, phone_number)
    end
  end
end

return claims
