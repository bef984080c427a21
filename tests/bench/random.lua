-- wrk: requests for random aligned blocks of one image.
-- Environment: METHOD (GET or PUT), TARGET, BLOCK and SIZE in bytes.
local method, target = os.getenv("METHOD"), os.getenv("TARGET")
local block, size = tonumber(os.getenv("BLOCK")), tonumber(os.getenv("SIZE"))
local body = method == "PUT" and string.rep("x", block) or nil

function setup(thread)
   thread:set("seed", math.random(1, 2 ^ 30))
end

function init()
   math.randomseed(seed)
end

function request()
   local first = math.random(0, size / block - 1) * block
   local range = string.format("%.0f-%.0f", first, first + block - 1)
   if body then
      return wrk.format(method, target, { ["Content-Range"] = "bytes " .. range .. "/*" }, body)
   end
   return wrk.format(method, target, { ["Range"] = "bytes=" .. range })
end

function done(summary, latency)
   local e = summary.errors
   io.write(string.format("RESULT %.1f %d\n", summary.requests * 1e6 / summary.duration,
      e.connect + e.read + e.write + e.status + e.timeout))
end
