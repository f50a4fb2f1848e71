-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- CRM as a Lua dissector, which is what a user would write who has no plugin:
-- the benchmark's stand-in for that. It is meant to be good at it: one search
-- from where the last one ended, patterns that are anchored at a plain find,
-- no table a datagram, each field with its byte range. It reads the dialects
-- that it meets, and like all such scripts it does not check the JSON.

local crm = Proto("crm_lua", "CRM in Lua")

local TYPES = { PROBE_INIT = 1, PROBE_ACK = 2, REG_ACK = 3 }
local HOSTS = { WORKER = 1, COLLECTOR = 2 }
local TYPE_NAMES = { [1] = "ProbeInit", [2] = "ProbeAck", [3] = "RegisterAck" }
local HOST_NAMES = { [1] = "WORKER", [2] = "COLLECTOR" }

local f_type = ProtoField.uint32("crm_lua.type", "Type", base.DEC, TYPE_NAMES)
local f_id = ProtoField.string("crm_lua.id", "Id")
local f_hostname = ProtoField.string("crm_lua.hostname", "Host name")
local f_inet_addr = ProtoField.string("crm_lua.inet_addr", "Address")
local f_host_type = ProtoField.uint32("crm_lua.host_type", "Host type", base.DEC, HOST_NAMES)
local f_port = ProtoField.string("crm_lua.port_info", "Port")
local f_status = ProtoField.bool("crm_lua.register.status", "Status")
local f_message = ProtoField.string("crm_lua.register.message", "Message")
local f_retries = ProtoField.int32("crm_lua.register.max_retries", "Retries")

crm.fields = { f_type, f_id, f_hostname, f_inet_addr, f_host_type, f_port, f_status, f_message, f_retries }

local find, match, gmatch = string.find, string.match, string.gmatch

-- The value of an enum in any of its forms, with the range of the digits or
-- the name.
local function enum(text, class, names, from)
    local _, at = find(text, class, from, true)
    if not at then
        return nil
    end
    local first, value, last = match(text, '^"}, {"py/tuple": %[()(%d+)()', at + 1)
    if first then
        return tonumber(value), first, last
    end
    first, value, last = match(text, '^"}, "()(%u[%u_]*)()"', at + 1)
    if first then
        return names[value], first, last
    end
    first, value, last = match(text, '"_value_": ()(%d+)(), "_name_": "[%u_]+", "__objclass__": {"py/type": "[%w_.]+'
        .. class, from)
    return tonumber(value), first, last
end

local function add_string(tree, tvb, field, text, key, from)
    local _, at = find(text, key, from, true)
    if not at then
        return nil
    end
    local value, last = match(text, '^([^"]*)()', at + 1)
    tree:add(field, tvb(at, last - at - 1), value)
    return value
end

local function add_enum(tree, tvb, field, text, class, names)
    local value, first, last = enum(text, class, names, 1)
    if value then
        tree:add(field, tvb(first - 1, last - first), value)
    end
    return value
end

local function add_host(tree, tvb, text, from)
    local hostname = add_string(tree, tvb, f_hostname, text, '"hostname": "', from)
    local address = add_string(tree, tvb, f_inet_addr, text, '"inet_addr": "', from)
    local ports = ""
    for first, daemon, port, last in gmatch(text, '()"daemon": "([^"]*)", "port": (%d+)()') do
        local label = daemon .. ":" .. port
        tree:add(f_port, tvb(first - 1, last - first), label)
        ports = ports == "" and label or ports .. ", " .. label
    end
    local kind = add_enum(tree, tvb, f_host_type, text, ".HostType", HOSTS)
    return (HOST_NAMES[kind] or "?") .. "-" .. hostname .. "[" .. (address or "?") .. "] " .. ports
end

-- The text stands in a tuple, in a list or by itself.
local function register_message(text, at)
    local first, value, last = match(text, '^{"py/tuple": %["()([^"]*)()', at)
    if not first then
        first, value, last = match(text, '^%[?"()([^"]*)()', at)
    end
    return first, value, last
end

local function add_register(tree, tvb, text, at)
    local registered = match(text, "^true", at) ~= nil
    tree:add(f_status, tvb(at - 1, registered and 4 or 5), registered)
    local summary = registered and "Registered" or "Failed"
    local _, message_at = find(text, '"message": ', 1, true)
    if message_at then
        local first, value, last = register_message(text, message_at + 1)
        if first then
            tree:add(f_message, tvb(first - 1, last - first), value)
            summary = summary .. ": " .. value
        end
    end
    local first, retries, last = match(text, '"max_retries": ()(-?%d+)()')
    if first then
        tree:add(f_retries, tvb(first - 1, last - first), tonumber(retries))
        summary = summary .. " (" .. retries .. " left)"
    end
    return summary
end

function crm.dissector(tvb, pinfo, tree)
    local text = tvb:raw()
    local root = tree:add(crm, tvb())
    pinfo.cols.protocol = "CRMLUA"
    local kind = add_enum(root, tvb, f_type, text, ".CrmPktType", TYPES)
    add_string(root, tvb, f_id, text, '"id": "', 1)
    local summary = ""
    local _, status_at = find(text, '"status": ', 1, true)
    if status_at then
        summary = add_register(root, tvb, text, status_at + 1)
    else
        local host_at = find(text, '"hostname": "', 1, true)
        if host_at then
            summary = add_host(root, tvb, text, host_at)
        end
    end
    pinfo.cols.info = (TYPE_NAMES[kind] or "CRM") .. " " .. summary
    return tvb:len()
end

local ports = DissectorTable.get("udp.port")
ports:add(9090, crm)
ports:add(10100, crm)
