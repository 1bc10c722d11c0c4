import Glibc

extension Interpreter {
    /// The local time as `strftime` writes it.
    func clock(_ format: Text) throws(TemplateError) -> [UInt8] {
        let bytes = format.bytes
        if bytes.count > 1024 { throw fail("a time format of more than 1024 bytes") }
        try charge(bytes.count * 8)
        var moment = timespec()
        clock_gettime(CLOCK_REALTIME, &moment)
        var parts = tm()
        localtime_r(&moment.tv_sec, &parts)
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "%"), index + 1 < bytes.count else {
                output.append(bytes[index])
                index += 1
                continue
            }
            let isUnpadded = bytes[index + 1] == UInt8(ascii: "-") && index + 2 < bytes.count
            let directive = bytes[index + (isUnpadded ? 2 : 1)]
            output += Self.field(directive, isUnpadded: isUnpadded, parts, moment)
            index += isUnpadded ? 3 : 2
        }
        return output
    }

    private static func field(
        _ directive: UInt8,
        isUnpadded: Bool,
        _ parts: tm,
        _ moment: timespec
    ) -> [UInt8] {
        switch directive {
        case UInt8(ascii: "f"):
            let digits = String(moment.tv_nsec / 1000)
            return Array((String(repeating: "0", count: max(0, 6 - digits.count)) + digits).utf8)
        // A datetime without time zone has neither.
        case UInt8(ascii: "z"), UInt8(ascii: "Z"): return []
        case 0x80..., 0: return [UInt8(ascii: "%"), directive]
        default: break
        }
        let format = [0x25] + (isUnpadded ? [0x2D] : []) + [directive, 0]
        var buffer = [CChar](repeating: 0, count: 256)
        var parts = parts
        let count = strftime(&buffer, buffer.count, format.map { CChar(bitPattern: $0) }, &parts)
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }
}
