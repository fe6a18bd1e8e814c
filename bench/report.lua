return { page = function() return '' end, write = function() end }
