--- libcurl's quick trust store does not trust the server, the complete one does.
local failing = require("spec_failing")
local process = require("spec_process")
local failing_runs = require("spec.support.failing_runs")

local Run = require("spec.support.failing_run")

return {
  --- A folder with hashed names, like a quick trust store.
  prepare = function(run)
    for _, name in ipairs { "CURL_CA_BUNDLE", "SSL_CERT_FILE" } do
      process.setenv(name, nil)
    end
    local path = os.tmpname()
    os.remove(path)
    assert(os.execute(("mkdir %s && touch %s/01234567.0"):format(path, path)))
    for _, module in ipairs(failing_runs.load()) do
      failing.attach(module, "trust")
    end
    failing.trust(path, run.twilio.ca_file)
    return path
  end,
  go = function(run, path)
    run.folder = path
    local client = run:client { ca_file = false }
    if client then
      run:buy(client, "purchase", run:params())
    end
  end,
  --- The same client, if there is one, has or gets the complete store.
  recover = function(run)
    local after = Run.new(run.twilio, run.wire, run.name .. " again")
    local client = run.clients[1] or after:client()
    after:buy(client, "purchase", after:params())
    os.execute("rm -r " .. run.folder)
    if after.outcomes[1] ~= "number" then
      run:problem("after that: %s", tostring(after.message))
    end
    return after
  end,
}
