internal import Glibc

/// Page-aligned zeroed memory straight from the system, in huge pages where it offers them.
/// Pages are taken when first touched, so the thread that fills a part decides its NUMA node.
package final class Memory: @unchecked Sendable {  // owners of a Memory guard its contents
    package let base: UnsafeMutableRawPointer
    package let byteCount: Int

    /// - Returns: nil when the system refuses that much address space.
    package init?(byteCount: Int) {
        let size = max(byteCount, 1)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED
        else { return nil }
        if size >= 2 << 20 { madvise(base, size, MADV_HUGEPAGE) }
        self.base = base
        self.byteCount = size
    }

    deinit { munmap(base, byteCount) }
}

/// A float buffer of `capacity` rows, each `width` long; rows start `stride` floats apart so that
/// kernels may write whole panels of 16. Written by one step at a time.
package final class Rows: @unchecked Sendable {  // guarded by the step that owns the scratch
    package let base: UnsafeMutablePointer<Float>
    package let width: Int
    package let stride: Int
    package let capacity: Int
    private let memory: Memory

    package init(capacity: Int, width: Int) throws(KernelError) {
        self.width = width
        self.capacity = capacity
        stride = (width + 15) & ~15
        guard let memory = Memory(byteCount: capacity * stride * MemoryLayout<Float>.size) else {
            throw KernelError.outOfMemory(capacity * stride * MemoryLayout<Float>.size)
        }
        self.memory = memory
        base = memory.base.assumingMemoryBound(to: Float.self)
    }

    /// A narrower view of the same memory.
    /// - Precondition: `width` is at most the other's.
    package init(sharing other: Rows, width: Int) {
        precondition(width <= other.width, "a view cannot be wider than what it shares")
        self.width = width
        capacity = other.capacity
        stride = other.stride
        memory = other.memory
        base = other.base
    }

    package subscript(row: Int) -> UnsafeMutablePointer<Float> {
        assert(row >= 0 && row < capacity)
        return base + row * stride
    }

    package func span(row: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: self[row], count: width)
    }
}

/// Int8 copies of activation rows, made once and read by every quantised matrix of a phase.
package final class QuantizedRows: @unchecked Sendable {  // guarded like Rows
    let quants: UnsafeMutablePointer<Int8>
    let scales: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Int16>
    let capacity: Int
    let maxWidth: Int
    private let memory: [Memory]

    package init(capacity: Int, maxWidth: Int) throws(KernelError) {
        func take(_ bytes: Int) throws(KernelError) -> Memory {
            guard let memory = Memory(byteCount: bytes) else { throw .outOfMemory(bytes) }
            return memory
        }
        let blocks = capacity * (maxWidth / 32 + 1)
        memory = [try take(capacity * maxWidth), try take(blocks * 4), try take(blocks * 4)]
        quants = memory[0].base.assumingMemoryBound(to: Int8.self)
        scales = memory[1].base.assumingMemoryBound(to: Float.self)
        sums = memory[2].base.assumingMemoryBound(to: Int16.self)  // two per block
        self.capacity = capacity
        self.maxWidth = maxWidth
    }
}

/// Why kernels cannot have what they need.
package enum KernelError: Error, Equatable, CustomStringConvertible {
    case outOfMemory(Int)
    case threadRefused(Int32)

    package var description: String {
        switch self {
        case .outOfMemory(let bytes):
            "the system refuses \(bytes >> 20) MiB of memory; use a smaller context or batch"
        case .threadRefused(let code): "cannot start a worker thread (error \(code))"
        }
    }
}
