import Glibc

/// An integer of any size, as Python's. Only values that leave 64 bits pay for it.
struct BigInt: Sendable, Hashable {
    /// A template that computes with larger numbers is refused: 32,768 bits, 9,864 digits.
    static let wordLimit = 1024
    /// Python prints and reads no integer with more decimal digits.
    static let digitLimit = 4300

    private(set) var isNegative: Bool
    /// Least significant first, without leading zeros; empty for zero.
    private(set) var words: [UInt32]

    init(_ value: Int) {
        let magnitude = value.magnitude
        self.init(
            isNegative: value < 0,
            words: [UInt32(truncatingIfNeeded: magnitude), UInt32(truncatingIfNeeded: magnitude >> 32)]
        )
    }

    /// The integer part of a finite number.
    init(truncating value: Double) {
        let whole = value.rounded(.towardZero)
        if let small = Int(exactly: whole) {
            self.init(small)
            return
        }
        let mantissa = BigInt(Int(scalbn(whole.significand, 52)))
        self = mantissa.shiftedLeft(Int(whole.exponent) - 52)
        isNegative = whole < 0
    }

    private init(isNegative: Bool, words: [UInt32]) {
        self.words = words
        while self.words.last == 0 { self.words.removeLast() }
        self.isNegative = isNegative && !self.words.isEmpty
    }

    var isZero: Bool { words.isEmpty }

    /// Nil if it does not fit.
    var small: Int? {
        guard words.count <= 2 else { return nil }
        let magnitude = words.reversed().reduce(UInt(0)) { $0 << 32 | UInt($1) }
        if isNegative { return magnitude <= Int.min.magnitude ? Int(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int(exactly: magnitude)
    }

    var bitWidth: Int {
        words.last.map { words.count * 32 - $0.leadingZeroBitCount } ?? 0
    }

    var isOdd: Bool { words.first.map { $0 & 1 == 1 } ?? false }
    var magnitude: BigInt { BigInt(isNegative: false, words: words) }
    static prefix func - (value: BigInt) -> BigInt {
        BigInt(isNegative: !value.isNegative, words: value.words)
    }
}

// MARK: arithmetic

extension BigInt {
    static func + (a: BigInt, b: BigInt) -> BigInt {
        if a.isNegative == b.isNegative {
            return BigInt(isNegative: a.isNegative, words: sum(a.words, b.words))
        }
        return compare(a.words, b.words) >= 0
            ? BigInt(isNegative: a.isNegative, words: difference(a.words, b.words))
            : BigInt(isNegative: b.isNegative, words: difference(b.words, a.words))
    }

    static func - (a: BigInt, b: BigInt) -> BigInt { a + -b }

    static func * (a: BigInt, b: BigInt) -> BigInt {
        var result = [UInt32](repeating: 0, count: a.words.count + b.words.count)
        for (i, x) in a.words.enumerated() {
            var carry: UInt64 = 0
            for (j, y) in b.words.enumerated() {
                let total = UInt64(x) * UInt64(y) + UInt64(result[i + j]) + carry
                result[i + j] = UInt32(truncatingIfNeeded: total)
                carry = total >> 32
            }
            result[i + b.words.count] = UInt32(carry)
        }
        return BigInt(isNegative: a.isNegative != b.isNegative, words: result)
    }

    /// Quotient rounded down and the remainder with the divisor's sign, as in Python; `b` is not 0.
    static func floorDivide(_ a: BigInt, _ b: BigInt) -> (quotient: BigInt, remainder: BigInt) {
        let (words, rest) = divide(a.words, b.words)
        var quotient = BigInt(isNegative: a.isNegative != b.isNegative, words: words)
        var remainder = BigInt(isNegative: a.isNegative, words: rest)
        if !remainder.isZero && a.isNegative != b.isNegative {
            quotient = quotient - BigInt(1)
            remainder = remainder + b
        }
        return (quotient, remainder)
    }

    func shiftedLeft(_ count: Int) -> BigInt {
        if count <= 0 { return count == 0 ? self : shiftedRight(-count) }
        var result = [UInt32](repeating: 0, count: count / 32)
        var carry: UInt64 = 0
        for word in words {
            let total = UInt64(word) << UInt64(count % 32) | carry
            result.append(UInt32(truncatingIfNeeded: total))
            carry = total >> 32
        }
        result.append(UInt32(carry))
        return BigInt(isNegative: isNegative, words: result)
    }

    /// The magnitude shifted towards zero.
    func shiftedRight(_ count: Int) -> BigInt {
        let rest = words.dropFirst(count / 32)
        let shift = UInt64(count % 32)
        var result: [UInt32] = []
        for index in rest.indices {
            let high = index + 1 < rest.endIndex ? UInt64(rest[index + 1]) : 0
            result.append(UInt32(truncatingIfNeeded: (high << 32 | UInt64(rest[index])) >> shift))
        }
        return BigInt(isNegative: isNegative, words: result)
    }

    private static func sum(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var carry: UInt64 = 0
        for index in 0..<max(a.count, b.count) {
            let x = index < a.count ? UInt64(a[index]) : 0
            let y = index < b.count ? UInt64(b[index]) : 0
            result.append(UInt32(truncatingIfNeeded: x + y + carry))
            carry = (x + y + carry) >> 32
        }
        return result + [UInt32(carry)]
    }

    /// `a - b` where `a` is not smaller.
    private static func difference(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var result = a
        var borrow: Int64 = 0
        for index in a.indices {
            let total = Int64(a[index]) - (index < b.count ? Int64(b[index]) : 0) - borrow
            result[index] = UInt32(truncatingIfNeeded: total)
            borrow = total < 0 ? 1 : 0
        }
        return result
    }

    private static func compare(_ a: [UInt32], _ b: [UInt32]) -> Int {
        if a.count != b.count { return a.count - b.count }
        for (x, y) in zip(a, b).reversed() where x != y { return x < y ? -1 : 1 }
        return 0
    }

    /// Division by one word: quotient and remainder.
    private static func divide(_ a: [UInt32], by divisor: UInt32) -> ([UInt32], UInt32) {
        var quotient = a
        var rest: UInt64 = 0
        for index in a.indices.reversed() {
            let total = rest << 32 | UInt64(a[index])
            quotient[index] = UInt32(total / UInt64(divisor))
            rest = total % UInt64(divisor)
        }
        return (quotient, UInt32(rest))
    }

    /// Long division of magnitudes (Knuth's algorithm D).
    private static func divide(_ a: [UInt32], _ b: [UInt32]) -> ([UInt32], [UInt32]) {
        if compare(a, b) < 0 { return ([], a) }
        if b.count == 1 {
            let (quotient, rest) = divide(a, by: b[0])
            return (quotient, [rest])
        }
        let shift = b[b.count - 1].leadingZeroBitCount
        let divisor = BigInt(isNegative: false, words: b).shiftedLeft(shift).words
        var rest = BigInt(isNegative: false, words: a).shiftedLeft(shift).words
        while rest.count <= a.count { rest.append(0) }
        var quotient = [UInt32](repeating: 0, count: rest.count - divisor.count)
        for place in quotient.indices.reversed() {
            quotient[place] = step(&rest, divisor, at: place)
        }
        let remainder = BigInt(isNegative: false, words: rest).shiftedRight(shift)
        return (quotient, remainder.words)
    }

    /// One digit of the quotient; subtracts its multiple of `divisor` from `rest`.
    private static func step(_ rest: inout [UInt32], _ divisor: [UInt32], at place: Int) -> UInt32 {
        let count = divisor.count
        let top = UInt64(rest[place + count]) << 32 | UInt64(rest[place + count - 1])
        var guess = min(top / UInt64(divisor[count - 1]), 0xFFFF_FFFF)
        var borrow: Int64 = 0
        var carry: UInt64 = 0
        for index in 0...count {
            let word = index < count ? UInt64(divisor[index]) : 0
            let product = word * guess + carry
            carry = product >> 32
            let total = Int64(rest[place + index]) - Int64(product & 0xFFFF_FFFF) - borrow
            rest[place + index] = UInt32(truncatingIfNeeded: total)
            borrow = total < 0 ? 1 : 0
        }
        // The guess is too large by two at most.
        while borrow > 0 {
            guess -= 1
            var carry: UInt64 = 0
            for index in 0...count {
                let word = index < count ? UInt64(divisor[index]) : 0
                let total = UInt64(rest[place + index]) + word + carry
                rest[place + index] = UInt32(truncatingIfNeeded: total)
                carry = total >> 32
            }
            borrow -= Int64(carry)
        }
        return UInt32(guess)
    }
}

// MARK: comparison and floats

extension BigInt: Comparable {
    static func < (a: BigInt, b: BigInt) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        let order = compare(a.words, b.words)
        return a.isNegative ? order > 0 : order < 0
    }

    /// Exact, also where the integer has no float of its own; nil against a NaN.
    func order(against number: Double) -> Int? {
        if number.isNaN { return nil }
        if number.isInfinite { return number > 0 ? -1 : 1 }
        let whole = BigInt(truncating: number)
        if self != whole { return self < whole ? -1 : 1 }
        let fraction = number - number.rounded(.towardZero)
        return fraction == 0 ? 0 : fraction > 0 ? -1 : 1
    }

    /// The nearest float; infinite where none is near.
    var double: Double {
        let excess = bitWidth - 64
        if excess <= 0 {
            let value = Double(words.reversed().reduce(UInt64(0)) { $0 << 32 | UInt64($1) })
            return isNegative ? -value : value
        }
        // A bit for all that is cut keeps ties from being made.
        let top = magnitude.shiftedRight(excess)
        let isExact = top.shiftedLeft(excess).words == words
        let bits = top.words.reversed().reduce(UInt64(0)) { $0 << 32 | UInt64($1) }
        let value = scalbn(Double(isExact ? bits : bits | 1), Int32(excess))
        return isNegative ? -value : value
    }

    /// `a / b`, rounded once; `b` is not 0.
    static func ratio(_ a: BigInt, _ b: BigInt) -> Double {
        if a.isZero { return 0 }
        let shift = 66 - (a.bitWidth - b.bitWidth)
        let top = shift > 0 ? a.magnitude.shiftedLeft(shift) : a.magnitude
        let bottom = shift < 0 ? b.magnitude.shiftedLeft(-shift) : b.magnitude
        let (quotient, rest) = divide(top.words, bottom.words)
        var words = quotient
        if !BigInt(isNegative: false, words: rest).isZero { words[0] |= 1 }
        let value = scalbn(BigInt(isNegative: false, words: words).double, Int32(-shift))
        return a.isNegative != b.isNegative ? -value : value
    }
}

// MARK: text

extension BigInt {
    /// Digits in `radix` (2 to 36), with a minus sign if negative.
    func text(radix: Int = 10) -> String {
        if let small { return String(small, radix: radix) }
        // As many digits as fit in a word at a time.
        var width = 1
        var scale = UInt32(radix)
        while UInt64(scale) * UInt64(radix) <= 0xFFFF_FFFF {
            scale *= UInt32(radix)
            width += 1
        }
        var groups: [String] = []
        var rest = self
        while !rest.isZero {
            let (quotient, group) = Self.divide(rest.words, by: scale)
            rest = BigInt(isNegative: false, words: quotient)
            let digits = String(group, radix: radix)
            let padding = rest.isZero ? 0 : width - digits.utf8.count
            groups.append(String(repeating: "0", count: padding) + digits)
        }
        return (isNegative ? "-" : "") + groups.reversed().joined()
    }

    /// Reads digits of `radix` and nothing else; nil for other text or too many digits.
    init?(digits: some Sequence<UInt8>, radix: Int) {
        var result = BigInt(0)
        var count = 0
        // As many digits as fit in a word are added together.
        var group: UInt32 = 0
        var scale: UInt32 = 1
        for byte in digits {
            guard let digit = Character(Unicode.Scalar(byte)).hexOrLetterValue, digit < radix else {
                return nil
            }
            count += 1
            if count > Self.digitLimit { return nil }
            if scale > UInt32.max / UInt32(radix) {
                result.append(group, scale: scale)
                (group, scale) = (0, 1)
            }
            group = group * UInt32(radix) + UInt32(digit)
            scale *= UInt32(radix)
        }
        if count == 0 { return nil }
        result.append(group, scale: scale)
        self = result
    }

    /// Multiplies by `scale` and adds `group`.
    private mutating func append(_ group: UInt32, scale: UInt32) {
        var carry = UInt64(group)
        for index in words.indices {
            let total = UInt64(words[index]) * UInt64(scale) + carry
            words[index] = UInt32(truncatingIfNeeded: total)
            carry = total >> 32
        }
        if carry > 0 { words.append(UInt32(carry)) }
    }
}

extension Character {
    /// `0` to `9`, then `a` to `z` in either case, as 0 to 35.
    fileprivate var hexOrLetterValue: Int? {
        guard let ascii = asciiValue else { return nil }
        switch ascii {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return Int(ascii - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return Int(ascii - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return Int(ascii - UInt8(ascii: "A")) + 10
        default: return nil
        }
    }
}
