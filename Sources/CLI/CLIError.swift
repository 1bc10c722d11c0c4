/// Why a command could not do what it was asked, in one line that says what to do about it.
package struct CLIError: Error, Equatable, CustomStringConvertible {
    package enum Code: Int32, Sendable {
        /// The work failed: exit status 1.
        case failed = 1
        /// The command line asks for something that cannot be: exit status 2.
        case usage = 2
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
