-- Asks for each address of the file that PATHS names, in turn.
local asked, n = {}, 0

function init(args) -- by now wrk knows the host
  for line in io.lines(os.getenv("PATHS")) do asked[#asked + 1] = wrk.format("GET", line) end
end

function request()
  n = n % #asked + 1
  return asked[n]
end
