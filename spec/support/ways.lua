--- The two ways in which a client sends a request with libcurl, for specs that hold for both.
local ways = {}

--- Makes a purchase and waits for its end.
ways.PURCHASES = {
  blocking = function(client, params)
    return client:purchase(params)
  end,
  ["in flight"] = function(client, params)
    return client:purchase_async(params):wait()
  end,
}

return ways
