-- SPDX-License-Identifier: GPL-2.0-or-later
-- A transport that carries several messages in one UDP datagram of port 7000. Each is two bytes of length and the
-- message, and is dissected from a buffer of its own, as what was decompressed or decrypted is.

local wrapper = Proto("wrapped_crm", "Wrapped CRM")
local crm = Dissector.get("crm")

function wrapper.dissector(buffer, pinfo, tree)
    local offset = 0
    while offset + 2 <= buffer:len() do
        local length = buffer(offset, 2):uint()
        local message = buffer(offset + 2, length):bytes()
        crm:call(ByteArray.tvb(message, "decoded"), pinfo, tree)
        offset = offset + 2 + length
    end
    return buffer:len()
end

DissectorTable.get("udp.port"):add(7000, wrapper)
