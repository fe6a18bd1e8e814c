-- luv for a spec file. luv frees its loop with its module, and requiring it again crashes. busted unloads the
-- modules of a spec file, so this keeps luv.
local uv = require("luv")
debug.getregistry()["spec.support.luv"] = uv
return uv
