--- A headless Luanti (Minetest until 5.9) with the mod of examples/luanti, and a mod that has it buy.
local cjson = require("cjson")
local socket = require("socket")

local command = require("spec.support.command")
local files = require("spec.support.files")
local journals = require("spec.support.journals")

local shell = journals.shell

local luanti = {}

local DEADLINE = 60 -- seconds

--- The server's program; nil if it is not installed. Debian's folder of games is in no PATH by default.
function luanti.program()
  local find = "PATH=$PATH:/usr/games; command -v luantiserver || command -v minetestserver"
  return shell(find):match("%S+")
end

--- A UDP port that was free a moment ago.
local function free_port()
  local udp = assert(socket.udp())
  assert(udp:setsockname("127.0.0.1", 0))
  local _, port = udp:getsockname()
  udp:close()
  return port
end

-- The game is an empty one, in the world's own folder.
local WORLD = [[
gameid = own
backend = sqlite3
auth_backend = sqlite3
mod_storage_backend = sqlite3
player_backend = sqlite3
load_mod_twilio_numbers = true
load_mod_buyer = true
]]

local SETTINGS = {
  bind_address = "127.0.0.1",
  prometheus_listener_address = "127.0.0.1:0", -- with its default, only one server runs on a machine
  mg_name = "singlenode",
  ["secure.trusted_mods"] = "twilio_numbers",
}

local OPTIONS = [[
return {
  account_sid = %q,
  auth_token = %q,
  base_url = %q,
  ca_file = %q,
  journal = %q,
}
]]

local MAKE = [[
  exec 2>&1
  set -e
  unset BUILD
  mods=$folder/world/worldmods
  mkdir -p $mods $folder/world/game/mods
  cp -R examples/luanti $mods/twilio_numbers
  cp -R spec/support/luanti/buyer $mods
  make -s bundle LUA=luajit BUNDLE=$mods/twilio_numbers/lib
  echo made
]]

local RUN = [[
  cd $folder
  rm -f world/result.json
  HOME=$folder timeout $seconds $program --config luanti.conf --world world --port $port --logfile log 2>&1
]]

local World = {}
World.__index = World

--- Makes a world in which the mod is installed as docs/hosts/game-server.md says.
---@param twilio table a simulator
function luanti.new_world(twilio)
  local folder = journals.new_folder()
  local made = shell((MAKE:gsub("$folder", folder)))
  assert(made:match("\nmade\n$"), made)
  local journal = folder .. "/purchases.db"
  files.write(folder .. "/world/game/game.conf", "title = Empty\n")
  files.write(folder .. "/world/world.mt", WORLD)
  files.write(
    folder .. "/options.lua",
    OPTIONS:format(twilio.account_sid, twilio.auth_token, twilio.base_url, twilio.ca_file, journal)
  )
  return setmetatable({ folder = folder, journal = journal }, World)
end

--- Makes an empty journal.
function World:reset()
  shell("rm -f " .. self.journal .. "*")
  assert(select(2, command.run({}, "journal", "init", self.journal)) == 0)
end

--- Runs the server until a mod stops it.
---@param settings table<string, string|false> of the server, besides SETTINGS; false: it is not set. See also
---spec/support/luanti/buyer/init.lua
---@return table? result what that has seen; nil if the server did not come so far
---@return string log
function World:run(settings)
  local all = { ["secure.twilio_numbers"] = self.folder .. "/options.lua" }
  for _, list in ipairs { SETTINGS, settings } do
    for name, value in pairs(list) do
      all[name] = value
    end
  end
  local lines = {}
  for name, value in pairs(all) do
    lines[#lines + 1] = value and ("%s = %s\n"):format(name, value) or ""
  end
  files.write(self.folder .. "/luanti.conf", table.concat(lines))
  local log = shell((RUN:gsub("$(%l+)", {
    folder = self.folder,
    seconds = ("%d"):format(DEADLINE),
    program = luanti.program(),
    port = ("%d"):format(free_port()),
  })))
  local has_result, text = pcall(files.read, self.folder .. "/world/result.json")
  return has_result and cjson.decode(text) or nil, log
end

function World:remove()
  journals.remove(self.folder)
end

return luanti
