private import CPCRE2

/// Why a pattern cannot be used, or a search not be finished.
struct RegexError: Error {
    var message: String
    init(_ message: String) { self.message = message }
}

/// A regular expression of tokenizer.json (Oniguruma's syntax), run by PCRE2.
///
/// `@unchecked Sendable`: compiled code is only read after `init`, and PCRE2 lets threads share it.
final class RegularExpression: @unchecked Sendable {
    private let code: OpaquePointer

    init(_ pattern: String) throws(RegexError) {
        let text = Array(try OnigurumaTranslator.translate(pattern).utf8)
        guard let context = pcre2_compile_context_create_8(nil) else {
            throw RegexError("out of memory")
        }
        defer { pcre2_compile_context_free_8(context) }
        pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
        pcre2_set_bsr_8(context, UInt32(PCRE2_BSR_UNICODE))
        // A call before each item of the pattern is how work is counted.
        let options =
            PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_AUTO_CALLOUT
            | PCRE2_NEVER_BACKSLASH_C
        var error: Int32 = 0
        var offset = 0
        guard
            let code = pcre2_compile_8(text, text.count, UInt32(options), &error, &offset, context)
        else { throw RegexError(Self.message(error)) }
        self.code = code
        // Without it, where the machine forbids it, matching is slower and otherwise the same.
        pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
    }

    deinit { pcre2_code_free_8(code) }

    private static func message(_ code: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(code, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, Int(length))), as: UTF8.self)
    }

    /// All matches in `text[range]`, valid UTF-8, from left to right; nothing outside of the range
    /// is looked at. An empty match right after another match is none.
    /// - Throws: if the pattern needs far more work than the length of the text explains.
    func matches(in text: Span<UInt8>, _ range: Range<Int>) throws(RegexError) -> [Range<Int>] {
        let search = try Search(code, workFor: range.count)
        var result: [Range<Int>] = []
        var start = range.lowerBound
        while start <= range.upperBound,
            let match = try search.next(text, range, from: start)
        {
            if match.isEmpty, result.last?.upperBound == match.lowerBound {
                // Past the character, or past the end.
                start =
                    match.lowerBound < range.upperBound
                    ? match.lowerBound + UTF8Scalars.decode(text, at: match.lowerBound).length
                    : range.upperBound + 1
            } else {
                result.append(match)
                start = match.upperBound
            }
        }
        return result
    }
}

/// How much a search may still do.
private struct WorkMeter {
    var left: Int
    var position = 0
}

/// One search through a text: PCRE2's buffers, and the meter that its callouts move.
private final class Search {
    private let code: OpaquePointer
    private let data: OpaquePointer
    private let context: OpaquePointer
    private let meter: UnsafeMutablePointer<WorkMeter>
    /// For compiled code that goes back over so much that the thread's own stack is too small.
    private var stack: OpaquePointer?

    /// Items tried and bytes stepped over, per byte of text: patterns of published tokenizers need
    /// less than 40.
    private static let workPerByte = 500
    private static let leastWork = 100_000
    private static let heapKilobytes: UInt32 = 64 << 10
    private static let stackBytes = 64 << 20

    init(_ code: OpaquePointer, workFor length: Int) throws(RegexError) {
        guard let data = pcre2_match_data_create_8(1, nil) else {
            throw RegexError("out of memory")
        }
        guard let context = pcre2_match_context_create_8(nil) else {
            pcre2_match_data_free_8(data)
            throw RegexError("out of memory")
        }
        self.code = code
        self.data = data
        self.context = context
        meter = .allocate(capacity: 1)
        meter.initialize(to: WorkMeter(left: Self.leastWork + length * Self.workPerByte))
        pcre2_set_heap_limit_8(context, Self.heapKilobytes)
        pcre2_set_callout_8(context, Self.count, meter)
    }

    deinit {
        pcre2_match_context_free_8(context)
        pcre2_match_data_free_8(data)
        if let stack { pcre2_jit_stack_free_8(stack) }
        meter.deallocate()
    }

    /// Called before each item. How far the position moved counts too, because PCRE2 runs through
    /// `a*` at one go.
    private static let count:
        @convention(c) (UnsafeMutablePointer<pcre2_callout_block_8>?, UnsafeMutableRawPointer?)
            -> Int32 = { block, data in
                guard let block = block?.pointee,
                    let meter = data?.assumingMemoryBound(to: WorkMeter.self)
                else { return 0 }
                let position = Int(block.current_position)
                meter.pointee.left -= 1 + abs(position - meter.pointee.position)
                meter.pointee.position = position
                return meter.pointee.left < 0 ? PCRE2_ERROR_CALLOUT : 0
            }

    func next(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        from start: Int
    ) throws(RegexError) -> Range<Int>? {
        let offset = start - range.lowerBound
        meter.pointee.position = offset
        let result = text.withUnsafeBufferPointer { buffer in
            let subject = buffer.baseAddress.map { $0 + range.lowerBound }
            func match(_ options: UInt32) -> Int32 {
                pcre2_match_8(code, subject, range.count, offset, options, data, context)
            }
            let options = UInt32(PCRE2_NO_UTF_CHECK)
            var result = match(options)
            if result == PCRE2_ERROR_JIT_STACKLIMIT, growStack() { result = match(options) }
            guard result == PCRE2_ERROR_JIT_STACKLIMIT else { return result }
            // The interpreter keeps its state on the heap.
            return match(options | UInt32(PCRE2_NO_JIT))
        }
        if result == PCRE2_ERROR_NOMATCH { return nil }
        guard result >= 0, let ends = pcre2_get_ovector_pointer_8(data), ends[0] <= ends[1] else {
            throw RegexError("it takes too much work on this text (PCRE2 error \(result))")
        }
        return range.lowerBound + ends[0]..<range.lowerBound + ends[1]
    }

    /// - Returns: whether the stack is larger now.
    private func growStack() -> Bool {
        if stack != nil { return false }
        stack = pcre2_jit_stack_create_8(32 << 10, Self.stackBytes, nil)
        pcre2_jit_stack_assign_8(context, nil, stack.map { UnsafeMutableRawPointer($0) })
        return stack != nil
    }
}
