--- An I/O thread wakes a unix socket, as in nginx.
local unix = require("socket.unix")

local function go(run)
  local made, engine = pcall(function()
    return require("twilio.numbers.curl").io_thread { max_in_flight = 2 }
  end)
  if not made then
    package.loaded["twilio.numbers.curl"] = nil -- 5.1 would not try again
    return
  end
  for _ = 1, 2 do
    local path = engine:listen()
    if path then
      local guest = assert(unix())
      assert(guest:connect(path))
      run.accepted = engine:accept()
      engine:ring()
      guest:settimeout(run.accepted and 0.2 or 0)
      local byte = guest:receive(1)
      guest:close()
      if run.accepted and not byte and not engine:news()() then
        run:problem("the host was not woken")
      end
    end
    engine:unlisten()
    if path and io.open(path) then
      run:problem("%s is still there", path)
    end
  end
  engine:close()
end

return { go = go }
