-- Whether the module is linked with libcurl on GnuTLS, by the name that this has in Debian.
local interpreter = require("spec.support.interpreter")

local pipe = assert(io.popen("ldd " .. interpreter.path_of("twilio/numbers/curl")))
local libraries = pipe:read("*a")
pipe:close()

return libraries:find("libcurl-gnutls", 1, true) ~= nil
