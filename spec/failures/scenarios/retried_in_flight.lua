--- A purchase in flight that is refused for now, and sent again with a new token after a 401, polled like in
--- a game.
return {
  prepare = require("spec.failures.scenarios.retried").prepare,
  go = function(run)
    run.posts = 4
    local tokens = { "a-token-that-is-over", run.twilio.access_token }
    local client = run:client {
      auth_token = false,
      access_token = function()
        return table.remove(tokens, 1) or run.twilio.access_token
      end,
    }
    if client then
      run:begin(client, run:params())
      run:finish(client, "poll")
    end
  end,
}
