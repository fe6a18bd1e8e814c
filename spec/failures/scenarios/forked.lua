--- A child of fork() buys by the client that its parent has made and used, blocking and in flight.
return {
  prepare = function(run)
    local client = run:client()
    assert(client:purchase { area_code = "510" })
    assert(client:purchase_async({ area_code = "510" }):wait(20))
    return client
  end,
  go = function(run, client)
    run.posts = 2
    run:in_child(function()
      run:buy(client, "purchase", run:params())
      run:begin(client, run:params())
      run:finish(client, "descriptor")
      run:ask(client, "close")
    end)
  end,
}
