--- Calls with no request, or with several: invalid parameters in flight, a purchase that is completed by an
--- update, a client that is closed once its calls in flight have ended.
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
