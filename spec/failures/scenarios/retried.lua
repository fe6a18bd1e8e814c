--- A blocking purchase that is refused for now, and sent again with a new token after a 401.
return {
  prepare = function(run)
    run.twilio:fault { fault = "rate_limit", retry_after = 0, method = "POST" }
    run.twilio:fault { fault = "rate_limit", retry_after = 0, method = "POST" }
  end,
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
      run:buy(client, "purchase", run:params())
    end
  end,
}
