-- One request in many texts: the parts of the path and the headers come as arguments.
-- What a number stands in for is cut out of the path; without a number each request is the same.
local before, after, fields, number

function init(args)
  before, after, number = args[1], args[2] or "", tonumber(args[3])
  fields = " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\n"
  for index = 4, #args do
    fields = fields .. args[index] .. "\r\n"
  end
  fields = fields .. "\r\n"
end

function request()
  if not number or number == 0 then
    return "GET " .. before .. after .. fields
  end
  number = number + 1
  return "GET " .. before .. string.format("%d", number) .. after .. fields
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'JSON {"requests": %d, "seconds": %.6f, "bytes": %d, "failed": %d, "p50": %.3f, "p95": %.3f, "p99": %.3f}',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
