-- luv for a spec file. luv frees its loop with its module, and the next require of it crashes. busted unloads
-- what a spec file has loaded, so the module is kept.
local uv = require("luv")
debug.getregistry()["spec.support.luv"] = uv
return uv
