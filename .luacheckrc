std = "min"
max_line_length = 110
exclude_files = { "tools/node_modules", "build", "lua_modules" }

files["fuzz"] = { std = "lua54" } -- what runs there is that one
files["lua/twilio/numbers/meta"] = { unused = false } -- functions without a body, for editors
files["spec"] = { std = "min+busted" }
files["*.rockspec"] = { std = "rockspec" }
files["bin/twilio-numbers"] = { globals = { "_" } } -- its first line is for sh and for Lua
for _, name in ipairs { "examples/openresty", "spec/support/resty" } do
  files[name] = { std = "ngx_lua" }
end
for _, name in ipairs { "examples/luanti", "spec/support/luanti/buyer" } do
  files[name] = { std = "luajit", globals = { "core", "twilio_numbers" } }
end
files["examples/love"] = { std = "luajit+love" }
files["examples/kamailio"] = { globals = { "KSR", "buy", "ksr_request_route" } }
