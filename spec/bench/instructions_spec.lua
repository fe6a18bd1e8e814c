-- Instructions are counted from what callgrind writes, without those of OpenSSL's libraries.
local instructions = require("bench.measure.instructions")

local FILE = [[
# callgrind format
version: 1
events: Ir D1mr

ob=(1) /usr/bin/lua5.4
fl=(1) ???
fn=(1) (below main)
0 10
cob=(2) /usr/lib/x86_64-linux-gnu/libcrypto.so.3
cfi=(2) ???
cfn=(2) EVP_DigestUpdate
calls=3 0
0 600
+4 5

ob=(2)
fl=(2)
fn=(2)
0 590
cob=(3) /usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0
cfn=(3) callback
calls=1 0
* 10

ob=(4) /usr/lib/x86_64-linux-gnu/libssl.so.3
fn=(4) SSL_read
0 7
-1 1

ob=(3)
fn=(3)
* 10

totals: 623 40
]]

describe("instructions of callgrind's file", function()
  it("are summed once, and those of the TLS libraries apart", function()
    assert.same({ all = 623, tls = 598 }, instructions.read(FILE:gmatch("([^\n]*)\n")))
  end)

  it("and other events are read from its totals, by name", function()
    assert.same({ Ir = 623, D1mr = 40 }, instructions.events(FILE:gmatch("([^\n]*)\n")))
  end)
end)
