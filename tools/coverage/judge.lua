-- Finds the reason why a block of lines never ran, among those of tools/coverage/reasons.lua.
--   dofile("tools/coverage/judge.lua")(reasons)  ->  reason_of(file, block), unused_reasons()
-- A reason applies to a block if its text is in the block's first line or in the one above it. A reason with
-- is_of_chance may be unused: its lines run only sometimes.
return function(reasons)
  local used = {}

  local function is_about(text, file, block)
    for number = math.max(block.first - 1, 1), block.first do
      if file.source[number]:find(text, 1, true) then
        return true
      end
    end
  end

  local function reason_of(file, block)
    for _, entry in ipairs(reasons) do
      for _, text in ipairs(entry[file.path] or {}) do
        if is_about(text, file, block) then
          used[file.path .. text] = true
          return entry.reason
        end
      end
    end
  end

  local function unused_reasons()
    local unused = {}
    for _, entry in ipairs(reasons) do
      for path, texts in pairs(entry.is_of_chance and {} or entry) do
        for _, text in ipairs(path ~= "reason" and texts or {}) do
          unused[#unused + 1] = not used[path .. text] and path .. ": " .. text or nil
        end
      end
    end
    table.sort(unused)
    return unused
  end

  return reason_of, unused_reasons
end
