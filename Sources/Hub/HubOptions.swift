internal import FoundationEssentials

/// Where to pull from, and every limit of a pull.
package struct HubOptions: Sendable {
    package static let publicEndpoint = "https://huggingface.co"

    /// The hub's address without a slash at the end.
    package var endpoint: String
    /// Sent to the endpoint's own host alone, never to where it redirects.
    package var token: String?

    /// Files that are downloaded at the same time.
    package var parallelFiles = 4
    /// Connections that large files share.
    package var parallelRanges = 8
    /// Larger files are fetched in ranges of this size, several at a time.
    package var chunkBytes = 64 << 20
    /// Bytes of a file after which its progress is written down.
    package var saveEveryBytes = 16 << 20
    /// What a pull leaves free on the disk.
    package var reservedBytes = 256 << 20

    package var connectTimeout = Duration.seconds(15)
    /// A transfer without a single byte for this long is broken off and tried again.
    package var stallTimeout = Duration.seconds(30)
    /// Failures in a row, without a byte in between, that end the pull.
    package var attempts = 6
    /// Wait before the second attempt; every further one doubles it.
    package var firstDelay = Duration.milliseconds(500)
    package var longestDelay = Duration.seconds(30)
    /// The most that the hub can make us wait at a time.
    package var longestRetryAfter = Duration.seconds(120)

    /// Whether a pull waits for another one of the same model, instead of refusing.
    package var waitsForOthers = true
    package var lockPollInterval = Duration.milliseconds(200)

    // What a hub may say
    package var redirects = 5
    package var listingPages = 1000
    package var listedFiles = 100_000
    package var listingPageBytes = 16 << 20

    /// - Parameter endpoint: begins with http:// or https://.
    package init(
        endpoint: String = HubOptions.publicEndpoint,
        token: String? = nil
    ) throws(HubError) {
        var address = endpoint[...]
        while address.last == "/" { address.removeLast() }
        guard let url = URL(string: String(address)), ["http", "https"].contains(url.scheme),
            url.host() != nil, url.query() == nil, url.fragment() == nil, url.user() == nil
        else {
            throw HubError(
                .invalidName,
                "\(shown(endpoint)) is not the address of a hub; "
                    + "set HF_ENDPOINT to something like \(Self.publicEndpoint)"
            )
        }
        guard token?.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) ?? true else {
            throw HubError(
                .invalidName,
                "HF_TOKEN holds spaces or other odd characters; set it anew"
            )
        }
        self.endpoint = String(address)
        self.token = token
    }

    /// Takes `HF_ENDPOINT` and `HF_TOKEN` from an environment.
    package init(environment: (String) -> String?) throws(HubError) {
        try self.init(
            endpoint: environment("HF_ENDPOINT") ?? Self.publicEndpoint,
            token: environment("HF_TOKEN")
        )
    }
}
