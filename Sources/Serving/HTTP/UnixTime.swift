#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Wall-clock time as the wire formats have it.
enum UnixTime {
    /// Seconds since 1970.
    static func now() -> Int { time(nil) }
}
