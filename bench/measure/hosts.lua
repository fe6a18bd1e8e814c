return { run = function() return {} end, frame = function() return {} end, neighbour = function() return {} end }
