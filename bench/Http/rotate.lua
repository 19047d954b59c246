-- Sends the cookies of the given file in turn, one a line, and prints one line of figures at the end.
local requests, next = {}, 0

function init(args)
    for cookie in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("GET", nil, { ["Host"] = wrk.headers["Host"], ["Cookie"] = cookie })
    end
end

function request()
    next = next % #requests + 1
    return requests[next]
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    print(string.format("figures %d %d %d %d %d",
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed))
end
