--- A number's life: found and bought, fetched, updated, listed and released.
return {
  prepare = function(run)
    local client = run:client()
    local number = assert(client:purchase { area_code = "510" })
    client:close()
    return number
  end,
  go = function(run, number)
    run.posts = 3
    local client = run:client()
    if not client then
      return
    end
    local list = run:ask(client, "search", "US", "local", { area_code = "415", limit = 3 })
    while list and run:ask(list, "next") do
    end
    run:buy(
      client,
      "purchase_available",
      { country = "US", area_code = "415" },
      { friendly_name = run.name }
    )
    list = run:ask(client, "list", { area_code = "510" })
    while list and run:ask(list, "next") do
    end
    run:ask(client, "fetch", number.sid)
    run:ask(client, "update", number.sid, { friendly_name = "Another" })
    run:ask(client, "release", number.sid)
  end,
}
