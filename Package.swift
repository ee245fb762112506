// swift-tools-version: 6.2

import PackageDescription

// MARK: - Settings

/// Every Swift target is held to the same rules.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Kernels, what runs them and what tests compare them with are optimised in debug builds too.
///
/// Unoptimised, the tests would take hours. As whole modules, since generic kernels are specialised
/// only where their sources are seen.
let optimized: [SwiftSetting] =
  strict
  + [
    .unsafeFlags(
      ["-O", "-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode"],
      .when(configuration: .debug))
  ]

/// Kernels are compiled without the pass of Swift's optimiser that looks for redundant loads, and without
/// checks that no two accesses to a variable overlap.
///
/// In functions as large as their tiles the pass takes a quarter of the time; LLVM, which looks for them
/// again, writes the same code. The checks would stay in inner loops that are local functions.
let kernels: [SwiftSetting] =
  optimized
  + [
    .unsafeFlags(
      ["-enforce-exclusivity=unchecked"]
        + ["redundant-load-elimination", "early-redundant-load-elimination"].flatMap {
          ["-Xllvm", "-sil-disable-pass=\($0)"]
        })
  ]

/// What compares, prints, draws and parses is not optimised in release builds either: that would take
/// a sixth of the time of a build, and its work is done in milliseconds.
let unoptimized: [SwiftSetting] =
  strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

/// One folder of kernel sources is compiled once an instruction set.
///
/// Each such target holds a link to that folder, and a file that names its vector type. Of what can be
/// built next, the build starts with the last name: with names at the front of the alphabet they fill
/// the processors beside the chain of modules from `Kernels` up, rather than go before it.
func kernelTarget(_ name: String, flags: [String]) -> Target {
  .target(
    name: name,
    dependencies: ["CProcessorFeatures", "KernelInterface"],
    swiftSettings: kernels
      + [.unsafeFlags(flags.flatMap { ["-Xcc", $0] })],
    linkerSettings: [.linkedLibrary("m")])
}

// MARK: - Package

let package = Package(
  name: "tidemark",
  products: [
    .library(name: "Tidemark", targets: ["Tidemark"]),
    .library(name: "TidemarkTesting", targets: ["TidemarkTesting", "TidemarkXCTest"]),
    .executable(name: "tidemark", targets: ["TidemarkCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // MARK: Libraries of the system

    .systemLibrary(
      name: "CJemalloc", pkgConfig: "jemalloc",
      providers: [.apt(["libjemalloc-dev"]), .brew(["jemalloc"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "CProcessorFeatures"),
    .target(name: "CFashionMNIST", exclude: ["Data"]),

    // MARK: Threads

    .target(name: "Threads", swiftSettings: optimized),

    // MARK: Memory

    .target(name: "CSanitizerOperators"),
    .target(
      name: "MemoryLedger", dependencies: ["CJemalloc", "CSanitizerOperators", "Threads"],
      swiftSettings: strict),
    .target(name: "CAllocationTracker", dependencies: ["CJemalloc"]),
    .target(
      name: "MemoryBudgets", dependencies: ["CAllocationTracker", "MemoryLedger", "Threads"],
      swiftSettings: strict),

    // MARK: Files

    .target(name: "Files", swiftSettings: unoptimized),
    .target(name: "Safetensors", dependencies: ["Files"], swiftSettings: unoptimized),

    // MARK: Kernels

    .target(name: "KernelInterface", swiftSettings: optimized),
    kernelTarget("BaselineKernels", flags: []),
    kernelTarget("AVX2Kernels", flags: ["-march=x86-64-v3"]),
    kernelTarget("AVX512Kernels", flags: ["-march=x86-64-v4", "-mprefer-vector-width=512"]),
    .target(
      name: "Kernels",
      dependencies: ["CProcessorFeatures", "KernelInterface", "Threads"],
      exclude: ["CONVOLUTION.md"],
      swiftSettings: kernels),
    // Apart from them, so that what is above is compiled beside the kernels of the instruction sets.
    .target(
      name: "NativeEngine",
      dependencies: [
        "AVX2Kernels", "AVX512Kernels", "BaselineKernels", "KernelInterface", "Kernels",
      ],
      swiftSettings: strict),

    // MARK: Networks, schedules, execution

    .target(
      name: "Networks", dependencies: ["Files", "KernelInterface", "Kernels"],
      swiftSettings: strict),
    // What a schedule is, and how one is found.
    .target(
      name: "Schedules", dependencies: ["MemoryLedger", "Networks"], swiftSettings: optimized),
    .target(
      name: "Planning",
      dependencies: ["Files", "KernelInterface", "MemoryLedger", "Networks", "Schedules"],
      swiftSettings: optimized),
    .target(
      name: "Execution",
      dependencies: ["Files", "Kernels", "MemoryLedger", "Networks", "Schedules", "Threads"],
      swiftSettings: optimized),
    .target(
      name: "Training",
      dependencies: [
        "CFashionMNIST", "CZlib", "Execution", "Files", "Kernels", "MemoryLedger", "Networks",
        "Planning", "Safetensors", "Schedules",
      ],
      swiftSettings: optimized),
    // How fast this machine runs layers and passes: what plans are forecast with.
    .target(
      name: "Calibration",
      dependencies: [
        "Execution", "Files", "Kernels", "MemoryLedger", "Networks", "Planning", "Schedules",
        "Training",
      ],
      swiftSettings: unoptimized),
    // Between Training and Reporting, so that it runs and is tested without a command line, and
    // reports can be made of what it measured.
    .target(
      name: "Comparisons",
      dependencies: [
        "Execution", "Files", "KernelInterface", "Kernels", "MemoryLedger", "Networks", "Planning",
        "Schedules", "Training",
      ],
      swiftSettings: unoptimized),
    // Beside it for the same reason: what training comes to when gradients are estimated.
    .target(
      name: "Studies",
      dependencies: [
        "Comparisons", "Execution", "Files", "Kernels", "MemoryLedger", "Networks", "Planning",
        "Schedules", "Training",
      ],
      swiftSettings: unoptimized),
    // Beside it for the same reason: what runs how fast.
    .target(
      name: "Benchmarking",
      dependencies: [
        "Calibration", "Comparisons", "Execution", "Kernels", "MemoryLedger", "Networks",
        "Planning", "Schedules", "Training",
      ],
      swiftSettings: unoptimized),
    .target(
      name: "Reporting",
      dependencies: [
        "Benchmarking", "Calibration", "Comparisons", "Files", "Kernels", "MemoryLedger",
        "Networks", "Planning", "Schedules", "Studies", "Training",
      ],
      swiftSettings: unoptimized),

    // MARK: What users import

    .target(
      name: "Tidemark",
      dependencies: [
        "Benchmarking", "Calibration", "Comparisons", "Execution", "Files", "Kernels",
        "MemoryLedger", "NativeEngine", "Networks", "Planning", "Schedules", "Studies", "Training",
      ],
      swiftSettings: strict),
    .target(
      name: "TidemarkTesting", dependencies: ["MemoryBudgets", "MemoryLedger"],
      swiftSettings: strict),
    .target(
      name: "TidemarkXCTest", dependencies: ["MemoryBudgets", "MemoryLedger"],
      swiftSettings: strict),
    .executableTarget(
      name: "TidemarkCLI",
      dependencies: [
        "Files", "Reporting", "Tidemark",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: unoptimized),

    // MARK: Tests

    .target(
      name: "OracleSupport", dependencies: ["Files", "Safetensors"], path: "Tests/OracleSupport",
      swiftSettings: unoptimized),
    .target(
      name: "TestSupport", dependencies: ["Files"], path: "Tests/TestSupport",
      swiftSettings: unoptimized),
    .testTarget(
      name: "OracleSupportTests", dependencies: ["OracleSupport", "Safetensors"],
      swiftSettings: unoptimized),
    .testTarget(
      name: "SafetensorsTests", dependencies: ["Files", "Safetensors", "TestSupport"],
      swiftSettings: unoptimized),
    .testTarget(
      name: "MemoryLedgerTests", dependencies: ["MemoryLedger", "Threads"],
      swiftSettings: unoptimized),
    .testTarget(
      name: "KernelsTests",
      dependencies: ["KernelInterface", "Kernels", "NativeEngine", "OracleSupport", "TestSupport"],
      swiftSettings: optimized),
    .testTarget(
      name: "NetworksTests",
      dependencies: [
        "Execution", "Kernels", "MemoryLedger", "NativeEngine", "Networks", "OracleSupport",
        "Planning", "Safetensors", "Schedules", "TestSupport", "Training",
      ],
      swiftSettings: unoptimized),
    .testTarget(
      name: "SchedulesTests",
      dependencies: [
        "Files", "Kernels", "MemoryLedger", "Networks", "OracleSupport", "Planning", "Safetensors",
        "Schedules", "TestSupport",
      ],
      swiftSettings: unoptimized),
    .testTarget(
      name: "ExecutionTests",
      dependencies: [
        "Execution", "Files", "Kernels", "MemoryLedger", "NativeEngine", "Networks", "Planning",
        "Schedules", "TestSupport", "Training",
      ],
      swiftSettings: unoptimized),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "CZlib", "Execution", "Files", "Kernels", "MemoryLedger", "NativeEngine", "Networks",
        "OracleSupport", "Planning", "Safetensors", "Schedules", "TestSupport", "Training",
      ],
      swiftSettings: unoptimized),
    .testTarget(
      name: "BenchmarkingTests",
      dependencies: [
        "Benchmarking", "Calibration", "Comparisons", "Execution", "Files", "Kernels",
        "NativeEngine", "Networks", "Planning", "Reporting", "Schedules", "Training",
      ],
      swiftSettings: unoptimized),
    .testTarget(
      name: "ComparisonsTests",
      dependencies: [
        "Comparisons", "Execution", "Files", "Kernels", "MemoryLedger", "NativeEngine", "Networks",
        "Planning", "Schedules", "Training",
      ],
      swiftSettings: unoptimized),
    .testTarget(
      name: "StudiesTests",
      dependencies: [
        "Execution", "Kernels", "NativeEngine", "Networks", "Planning", "Studies", "Training",
      ],
      swiftSettings: unoptimized),
    .testTarget(
      name: "ReportingTests",
      dependencies: [
        "Comparisons", "Files", "Kernels", "MemoryLedger", "NativeEngine", "Networks", "Planning",
        "Reporting", "Schedules", "TestSupport", "Training",
      ],
      swiftSettings: unoptimized),
    .testTarget(
      name: "TidemarkCLITests", dependencies: ["TidemarkCLI"], swiftSettings: unoptimized),
    .testTarget(
      name: "TidemarkTestingTests",
      dependencies: ["TidemarkTesting", "TidemarkXCTest", "MemoryBudgets", "MemoryLedger"],
      swiftSettings: unoptimized),
    .testTarget(
      name: "TidemarkXCTestTests",
      dependencies: ["TidemarkXCTest", "TidemarkTesting", "MemoryBudgets", "MemoryLedger"],
      swiftSettings: unoptimized),
    .testTarget(
      name: "ReadmeTests", dependencies: ["Tidemark", "TidemarkTesting"],
      swiftSettings: unoptimized),
  ]
)
