/// A small weight of `count` floats: a norm's gain, a bias.
package final class Vector: Sendable {
    package let count: Int
    nonisolated(unsafe) let base: UnsafePointer<Float>  // never written after init

    package init(_ values: [Float]) {
        count = values.count
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: max(values.count, 1))
        copy.initialize(from: values, count: values.count)
        base = UnsafePointer(copy)
    }

    package var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

    deinit { base.deallocate() }
}
