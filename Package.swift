// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A target of ours: names of targets it may import, and products of other packages.
func library(_ name: String, _ targets: [String], _ products: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: targets.map { .byName(name: $0) } + products,
        swiftSettings: settings
    )
}

/// Tests of target `name`; goldens lie beside them and are found by path, not bundled.
func tests(_ name: String, _ targets: [String] = [], _ products: [Target.Dependency] = []) -> Target
{
    .testTarget(
        name: name + "Tests",
        dependencies: (Set([name, "Core"]).sorted() + targets).map { .byName(name: $0) } + products,
        exclude: goldens[name] ?? [],
        swiftSettings: settings
    )
}

let goldens = [
    "ChatTemplates": ["goldens"],
    "Execution": ["goldens"],
    "Hub": ["goldens"],
    "Kernels": ["goldens"],
    "ModelFiles": ["goldens"],
    "Sampling": ["goldens"],
    "Tokenization": ["goldens"],
]

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let package = Package(
    name: "tokenmill",
    products: [
        .executable(name: "tokenmill", targets: ["CLI"]),
        .library(name: "TokenmillEngine", targets: ["Generation"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C
        .target(name: "CKernels"),
        .target(name: "CLinux"),
        .systemLibrary(name: "CEdit"),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8"),

        // Values, and what depends on nothing else
        library("Core", []),
        library("Tokenization", ["Core", "CPCRE2"]),
        library("ChatTemplates", ["Core"]),
        library("Scheduling", ["Core"]),
        library("Sampling", ["Core"]),
        library("ModelFiles", ["Core"]),
        library("Metering", ["Core", "COpenSSL"], [product("GRDB", "GRDB.swift")]),

        library(
            "Hub",
            ["Core", "COpenSSL"],
            [
                product("AsyncHTTPClient", "async-http-client"),
                product("NIOCore", "swift-nio"),
                product("NIOHTTP1", "swift-nio"),
                product("NIOPosix", "swift-nio"),
            ]
        ),

        // The engine
        library("Kernels", ["CKernels", "CLinux"]),
        library("Execution", ["Core", "ModelFiles", "Kernels", "COpenBLAS"]),
        library(
            "Generation",
            [
                "Core", "Tokenization", "ChatTemplates", "Scheduling", "Sampling", "ModelFiles",
                "Kernels", "Execution",
            ]
        ),

        // The program
        library(
            "Serving",
            ["Core", "Generation", "Metering", "Tokenization", "ChatTemplates"],
            [
                product("AsyncAlgorithms", "swift-async-algorithms"),
                product("Hummingbird", "hummingbird"),
                product("HummingbirdCore", "hummingbird"),
                product("HummingbirdTLS", "hummingbird"),
                product("HTTPTypes", "swift-http-types"),
                product("Logging", "swift-log"),
                product("NIOCore", "swift-nio"),
                product("NIOHTTPTypes", "swift-nio-extras"),
                product("NIOPosix", "swift-nio"),
                product("NIOSSL", "swift-nio-ssl"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
                product("UnixSignals", "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "CEdit", "ChatTemplates", "Core", "Execution", "Generation", "Hub", "Kernels",
                "Metering", "ModelFiles", "Sampling", "Serving", "Tokenization",
                product("ArgumentParser", "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        tests("Core"),
        tests("Tokenization"),
        tests("ChatTemplates"),
        tests("Scheduling"),
        tests("Sampling"),
        tests("ModelFiles"),
        tests(
            "Hub",
            [],
            [
                product("NIOCore", "swift-nio"),
                product("NIOHTTP1", "swift-nio"),
                product("NIOPosix", "swift-nio"),
            ]
        ),
        tests("Metering", [], [product("GRDB", "GRDB.swift")]),
        tests("Kernels"),
        tests("Execution", ["CAllocations", "Kernels", "ModelFiles", "Scheduling"]),
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        tests(
            "Generation",
            [
                "ChatTemplates", "Execution", "Kernels", "ModelFiles", "Scheduling", "Sampling",
                "Tokenization",
            ]
        ),
        tests("Serving", ["Generation", "Metering"]),
        tests("CLI"),
    ]
)
