--- A purchase with an idempotency key and a journal in SQLite, in flight. See keyed.lua.
local keyed = require("spec.failures.scenarios.keyed")

local scenario = { prepare = keyed.prepare, recover = keyed.recover }

function scenario.go(run, path)
  run.posts = 8
  local client = run:client { journal = path, loop = false }
  if client then
    local filter, params = { country = "US", area_code = "415" }, run:params { area_code = false }
    local options = { idempotency_key = run.name }
    local called, future, message, err =
      pcall(client.purchase_available_async, client, filter, params, options)
    if not called then
      run:problem("purchase_available_async raised %s", tostring(future))
    elseif not future then
      run:note(nil, message, err)
    else
      run:note(future:wait())
    end
  end
end

return scenario
