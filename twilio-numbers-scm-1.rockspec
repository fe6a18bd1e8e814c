rockspec_format = "3.0"
package = "twilio-numbers"
version = "scm-1"

source = {
  url = "git+https://github.com/twilio-numbers/twilio-numbers.git",
}

description = {
  summary = "Purchases phone numbers on Twilio: never twice, never hidden",
  detailed = [[
A C core on libcurl checks every parameter, sends the purchase and returns the
created number as a Lua table; a small Lua layer adds defaults, credentials,
safe retries and errors that say whether money may have been spent.]],
  homepage = "https://github.com/twilio-numbers/twilio-numbers",
  issues_url = "https://github.com/twilio-numbers/twilio-numbers/issues",
  license = "MIT",
  labels = { "twilio", "telephony", "http", "api" },
}

dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson >= 2.1.0",
}

-- The library alone, not its header: LuaRocks does not know the folder in which Debian keeps
-- libcurl's headers, but the compiler does.
external_dependencies = {
  CURL = { library = "curl" },
}

build = {
  type = "builtin",
  modules = {
    ["twilio.numbers.core"] = {
      sources = {
        "csrc/sid.c",
        "csrc/phone.c",
        "csrc/utf8.c",
        "csrc/url.c",
        "csrc/form.c",
        "csrc/params.c",
        "csrc/param_check.c",
        "csrc/base64.c",
        "csrc/retry_after.c",
        "csrc/wipe.c",
        "csrc/clock.c",
        "csrc/platform.c",
        "csrc/lua_params.c",
        "csrc/lua_answer.c",
        "csrc/lua_core.c",
      },
    },
    ["twilio.numbers.curl"] = {
      sources = {
        "csrc/sid.c",
        "csrc/phone.c",
        "csrc/utf8.c",
        "csrc/url.c",
        "csrc/form.c",
        "csrc/params.c",
        "csrc/param_check.c",
        "csrc/wipe.c",
        "csrc/answer.c",
        "csrc/exchange.c",
        "csrc/fork.c",
        "csrc/handle.c",
        "csrc/headers.c",
        "csrc/outcome.c",
        "csrc/sigpipe.c",
        "csrc/trust.c",
        "csrc/bell.c",
        "csrc/clock.c",
        "csrc/engine.c",
        "csrc/job.c",
        "csrc/multi.c",
        "csrc/silence.c",
        "csrc/window.c",
        "csrc/lua_params.c",
        "csrc/lua_answer.c",
        "csrc/lua_transport.c",
        "csrc/lua_settings.c",
        "csrc/lua_session.c",
        "csrc/lua_engine.c",
        "csrc/lua_curl.c",
      },
      libraries = { "curl", "pthread" },
      incdirs = { "$(CURL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)" },
    },
    ["twilio.numbers"] = "lua/twilio/numbers/init.lua",
    ["twilio.numbers.available"] = "lua/twilio/numbers/available.lua",
    ["twilio.numbers.call"] = "lua/twilio/numbers/call.lua",
    ["twilio.numbers.claims"] = "lua/twilio/numbers/claims.lua",
    ["twilio.numbers.client"] = "lua/twilio/numbers/client.lua",
    ["twilio.numbers.compat"] = "lua/twilio/numbers/compat.lua",
    ["twilio.numbers.credentials"] = "lua/twilio/numbers/credentials.lua",
    ["twilio.numbers.errors"] = "lua/twilio/numbers/errors.lua",
    ["twilio.numbers.flight"] = "lua/twilio/numbers/flight.lua",
    ["twilio.numbers.judge"] = "lua/twilio/numbers/judge.lua",
    ["twilio.numbers.list"] = "lua/twilio/numbers/list.lua",
    ["twilio.numbers.look_up"] = "lua/twilio/numbers/look_up.lua",
    ["twilio.numbers.loops"] = "lua/twilio/numbers/loops/init.lua",
    ["twilio.numbers.loops.block"] = "lua/twilio/numbers/loops/block.lua",
    ["twilio.numbers.loops.copas"] = "lua/twilio/numbers/loops/copas.lua",
    ["twilio.numbers.loops.cqueues"] = "lua/twilio/numbers/loops/cqueues.lua",
    ["twilio.numbers.loops.custom"] = "lua/twilio/numbers/loops/custom.lua",
    ["twilio.numbers.loops.luv"] = "lua/twilio/numbers/loops/luv.lua",
    ["twilio.numbers.loops.openresty"] = "lua/twilio/numbers/loops/openresty.lua",
    ["twilio.numbers.loops.openresty_background"] = "lua/twilio/numbers/loops/openresty_background.lua",
    ["twilio.numbers.many"] = "lua/twilio/numbers/many.lua",
    ["twilio.numbers.nearest"] = "lua/twilio/numbers/nearest.lua",
    ["twilio.numbers.operations"] = "lua/twilio/numbers/operations.lua",
    ["twilio.numbers.options"] = "lua/twilio/numbers/options.lua",
    ["twilio.numbers.over_curl"] = "lua/twilio/numbers/over_curl.lua",
    ["twilio.numbers.owned"] = "lua/twilio/numbers/owned.lua",
    ["twilio.numbers.pages"] = "lua/twilio/numbers/pages.lua",
    ["twilio.numbers.pending"] = "lua/twilio/numbers/pending.lua",
    ["twilio.numbers.problems"] = "lua/twilio/numbers/problems.lua",
    ["twilio.numbers.purchase"] = "lua/twilio/numbers/purchase.lua",
    ["twilio.numbers.resty"] = "lua/twilio/numbers/resty.lua",
    ["twilio.numbers.run"] = "lua/twilio/numbers/run.lua",
    ["twilio.numbers.settings"] = "lua/twilio/numbers/settings.lua",
    ["twilio.numbers.transport"] = "lua/twilio/numbers/transport.lua",
    ["twilio.numbers.types"] = "lua/twilio/numbers/types.lua",
  },
}
