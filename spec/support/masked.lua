--- Secrets that a program holds without their text being in its memory until it unmasks them
--- (spec_process.unmask): the lowest bit of each byte is inverted.
local function mask(text)
  return (
    text:gsub(".", function(character)
      local byte = character:byte()
      return string.char(byte % 2 == 0 and byte + 1 or byte - 1)
    end)
  )
end

return mask
