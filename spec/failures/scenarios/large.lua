--- Purchases, blocking and in flight, whose responses need more memory while they arrive.
return {
  go = function(run)
    run.posts = 2
    local client, more = run:client(), {}
    for _, name in ipairs {
      "voice_url",
      "voice_fallback_url",
      "sms_url",
      "sms_fallback_url",
      "status_callback",
    } do
      more[name] = "https://example.com/" .. ("x"):rep(1900)
    end
    if client then
      run:buy(client, "purchase", run:params(more))
      run:begin(client, run:params(more))
      run:finish(client, "poll")
    end
  end,
}
