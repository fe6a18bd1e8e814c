--- A client is closed with purchases in flight: two were sent, the third is queued.
return {
  prepare = function(run)
    run.twilio:fault { fault = "hang", seconds = 5, method = "POST", times = 3 }
  end,
  go = function(run)
    run.posts = 3
    local client = run:client { max_in_flight = 2 }
    if not client then
      return
    end
    for _ = 1, 3 do
      run:begin(client, run:params())
    end
    run:until_sent(client, 2)
    run:ask(client, "close", 0.01)
    run:land()
  end,
}
