internal import CKernels

/// An instruction set that kernels were written for. The best one that runs here is chosen once;
/// tests force each.
package enum KernelLevel: UInt32, CaseIterable, Sendable, CustomStringConvertible {
    case portable = 0
    case avx2 = 1
    /// AVX2 and the dot products of AVX-VNNI.
    case avxVNNI = 2
    /// AVX-512 F, BW, DQ, VL and VNNI.
    case avx512 = 3
    /// The same and BF16, which rounds the activations of bf16 matrices to bfloat16.
    case avx512bf16 = 4
    /// Arm's NEON with dot products.
    case neon = 5
    /// The same with products of small matrices (i8mm).
    case neonI8MM = 6

    /// The levels that this processor and operating system support, slowest first.
    package static var available: [KernelLevel] {
        allCases.filter { tm_kernels_at(tm_level($0.rawValue)) != nil }
    }

    /// Those of them that multiply float matrices with floats, as the references do.
    package static var supported: [KernelLevel] { available.filter { !$0.roundsActivations } }

    /// Whether bf16 matrices read activations of bfloat16: twice as fast, and logits move by some
    /// thousandths of their range. Never chosen unasked.
    package var roundsActivations: Bool { self == .avx512bf16 }

    package static var best: KernelLevel { supported.last ?? .portable }

    package var description: String { String(describing: KernelTable(self).name) }
}

/// One level's functions.
struct KernelTable: @unchecked Sendable {  // points at constant data
    let functions: UnsafePointer<tm_kernels>
    let level: KernelLevel

    /// - Precondition: the level is supported here.
    init(_ level: KernelLevel) {
        guard let functions = tm_kernels_at(tm_level(level.rawValue)) else {
            preconditionFailure("this processor lacks the kernel level \(level.rawValue)")
        }
        self.functions = functions
        self.level = level
    }

    var name: String { String(cString: functions.pointee.name) }
}
