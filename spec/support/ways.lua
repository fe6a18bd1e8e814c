--- The two ways in which a client does a request over libcurl, for specs that hold in both.
local ways = {}

--- A purchase, until it is over.
ways.PURCHASES = {
  blocking = function(client, params)
    return client:purchase(params)
  end,
  ["in flight"] = function(client, params)
    return client:purchase_async(params):wait()
  end,
}

return ways
