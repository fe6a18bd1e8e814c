-- `luarocks test`: the specs that need nothing but this machine, under this Lua.
local lua = rawget(_G, "jit") and "luajit" or _VERSION:match("%d%.%d")
local status = os.execute("make check LUA=" .. lua)
os.exit((status == true or status == 0) and 0 or 1)
