-- A server has no window.
function love.conf(settings)
  settings.modules.audio = false
  settings.modules.graphics = false
  settings.modules.window = false
end
