--- A client is made, and buys a number, waiting for it; then another one on the same connection.
return {
  go = function(run)
    run.posts = 2
    local client = run:client()
    if client then
      run:buy(client, "purchase", run:params())
      run:buy(client, "purchase", run:params())
    end
  end,
}
