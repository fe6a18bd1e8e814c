--- Two purchases in flight, waited for as an event loop does.
return {
  go = function(run)
    run.posts = 2
    local client = run:client()
    if client then
      run:begin(client, run:params())
      run:begin(client, run:params())
      run:finish(client, "descriptor")
    end
  end,
}
