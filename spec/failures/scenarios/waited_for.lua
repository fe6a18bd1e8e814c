--- What needs no request, or several that wait for each other: wrong parameters in flight, a purchase that
--- is set up by an update, a client that is closed when what is in flight is over.
return {
  prepare = function(run)
    run.twilio:fault { fault = "ignore", parameter = "VoiceUrl", method = "POST", times = 2 }
  end,
  go = function(run)
    run.posts = 2
    local client = run:client()
    if not client then
      return
    end
    local wrong = run:begin(client, { area_code = "4155" })
    run:finish(client, "descriptor")
    if wrong and wrong:done() then
      run:ask(wrong, "result")
    end
    run:buy(client, "purchase", run:params { voice_url = "https://example.com/" })
    run:begin(client, run:params { voice_url = "https://example.com/" })
    run:ask(client, "close", 20)
    run:land()
  end,
}
