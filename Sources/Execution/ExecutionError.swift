/// Why a model cannot be built or a step cannot run. The message says what to do.
package struct ExecutionError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        case unknownArchitecture
        case unsupported
        case badConfiguration
        case badTensor
        case badInput
        case outOfMemory
    }
    package var code: Code
    package var message: String
    package var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
