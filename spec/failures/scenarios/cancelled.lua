--- Of three purchases in flight, two are cancelled: one that was sent, and one that has just started.
return {
  prepare = function(run)
    run.twilio:fault { fault = "hang", seconds = 0.3, method = "POST" }
  end,
  go = function(run)
    run.posts = 3
    local client = run:client { max_in_flight = 2, timeout = 2 }
    if not client then
      return
    end
    local first = run:begin(client, run:params())
    run:until_sent(client, 1)
    run:begin(client, run:params())
    local third = run:begin(client, run:params())
    for _, pending in ipairs { first or third, third } do
      run:ask(pending, "cancel")
    end
    run:finish(client, "descriptor")
  end,
}
